using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What a probe's answer says about a port.</summary>
/// <param name="State">The state.</param>
/// <param name="Reason">What it is concluded from.</param>
internal readonly record struct Finding(PortState State, PortReason Reason)
{
    public static Finding Of(ProbeAnswer answer, PortProtocol protocol) => answer switch
    {
        ProbeAnswer.Connected or ProbeAnswer.ConnectedThenReset => new(PortState.Open, PortReason.SynAck),
        ProbeAnswer.Refused => new(PortState.Closed, PortReason.Reset),
        ProbeAnswer.Replied => new(PortState.Open, PortReason.UdpResponse),
        // A host says so of its own UDP ports (RFC 1122, section 4.1.3.1); of a TCP port only a firewall does.
        ProbeAnswer.PortUnreachable => new(protocol == PortProtocol.Udp ? PortState.Closed : PortState.Filtered, PortReason.IcmpPortUnreachable),
        ProbeAnswer.NetUnreachable => new(PortState.Filtered, PortReason.IcmpNetUnreachable),
        ProbeAnswer.HostUnreachable => new(PortState.Filtered, PortReason.IcmpHostUnreachable),
        ProbeAnswer.ProtocolUnreachable => new(PortState.Filtered, PortReason.IcmpProtocolUnreachable),
        ProbeAnswer.NetProhibited => new(PortState.Filtered, PortReason.IcmpNetProhibited),
        ProbeAnswer.HostProhibited => new(PortState.Filtered, PortReason.IcmpHostProhibited),
        ProbeAnswer.AdminProhibited => new(PortState.Filtered, PortReason.IcmpAdminProhibited),
        ProbeAnswer.OtherUnreachable => new(PortState.Filtered, PortReason.IcmpUnreachable),
        ProbeAnswer.NoRoute => new(PortState.Filtered, PortReason.HostUnreachable),
        ProbeAnswer.NotPermitted => new(PortState.Filtered, PortReason.LocalRefused),
        ProbeAnswer.ProxyConnected => new(PortState.Open, PortReason.ProxyConnected),
        ProbeAnswer.ProxyRefused => new(PortState.Closed, PortReason.ProxyRefused),
        ProbeAnswer.ProxyUnreachable => new(PortState.Filtered, PortReason.ProxyUnreachable),
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer, "It says nothing about a port."),
    };

    /// <summary>What silence says.</summary>
    public static Finding OfSilence(PortProtocol protocol) => new(protocol == PortProtocol.Udp ? PortState.OpenOrFiltered : PortState.Filtered, PortReason.Timeout);

    /// <summary>Whether the host itself has spoken, rather than something on the way or on this machine.</summary>
    public bool IsOfHost => Reason is PortReason.SynAck or PortReason.Reset or PortReason.UdpResponse or PortReason.IcmpPortUnreachable or
        PortReason.ProxyConnected or PortReason.ProxyRefused;
}
