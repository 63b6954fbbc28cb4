namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>States of a connection (RFC 9293, section 3.3.2) that somebody asks for, as the system numbers them (linux/tcp_states.h).</summary>
internal enum TcpState
{
    /// <summary>The system does not say.</summary>
    Unknown = 0,

    /// <summary>This side has ended, and not everything it sent was acknowledged, the end included.</summary>
    FinWait1 = 4,

    /// <summary>There is no connection any more.</summary>
    Closed = 7,

    /// <summary>Both sides have ended at once, and this side's end was not acknowledged.</summary>
    Closing = 11,
}
