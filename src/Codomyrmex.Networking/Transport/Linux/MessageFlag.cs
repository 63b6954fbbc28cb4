namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>How a call sends or receives, and what it says of what it received (socket.h).</summary>
internal static class MessageFlag
{
    /// <summary>Leave it where it is (MSG_PEEK).</summary>
    public const int Peek = 0x2;

    /// <summary>Say how long a datagram was, even where the buffer is shorter; of what was received, that it was (MSG_TRUNC).</summary>
    public const int Truncated = 0x20;

    /// <summary>Do not wait (MSG_DONTWAIT).</summary>
    public const int DontWait = 0x40;

    /// <summary>From the queue of errors (MSG_ERRQUEUE).</summary>
    public const int ErrorQueue = 0x2000;

    /// <summary>An error, not a signal, where the peer reads no more (MSG_NOSIGNAL).</summary>
    public const int NoSignal = 0x4000;
}
