namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>What poll and epoll tell about a descriptor (linux/eventpoll.h).</summary>
[Flags]
internal enum PollEvents : uint
{
    None = 0,
    Readable = 0x1,

    /// <summary>Urgent data (RFC 9293, section 3.8.5).</summary>
    Urgent = 0x2,
    Writable = 0x4,
    Failed = 0x8,
    HungUp = 0x10,

    /// <summary>The peer has ended its side.</summary>
    PeerEnded = 0x2000,

    /// <summary>Tell of changes, not of states.</summary>
    EdgeTriggered = 1u << 31,
}
