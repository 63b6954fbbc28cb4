namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What came of one probe.</summary>
internal enum ProbeAnswer : byte
{
    /// <summary>Nothing yet.</summary>
    Pending,

    /// <summary>The connection stood.</summary>
    Connected,

    /// <summary>The connection stood and was reset by the peer before anybody looked.</summary>
    ConnectedThenReset,

    /// <summary>A RST came back.</summary>
    Refused,

    /// <summary>A datagram came back.</summary>
    Replied,

    /// <summary>The socket met itself (simultaneous open, RFC 9293, section 3.5): nothing is said about the port.</summary>
    MetItself,

    /// <summary>Not sent: this machine has no descriptor or no local port left for now. Nothing is said about the port. Some wires learn of it only later.</summary>
    NoRoom,

    NetUnreachable,
    HostUnreachable,
    ProtocolUnreachable,
    PortUnreachable,
    NetProhibited,
    HostProhibited,
    AdminProhibited,
    OtherUnreachable,

    /// <summary>This machine knows no way to the host.</summary>
    NoRoute,

    /// <summary>This machine's own rules forbid it.</summary>
    NotPermitted,

    /// <summary>A proxy or tunnel connected.</summary>
    ProxyConnected,

    /// <summary>A proxy or tunnel says that the host refused.</summary>
    ProxyRefused,

    /// <summary>A proxy or tunnel could not get there.</summary>
    ProxyUnreachable,
}
