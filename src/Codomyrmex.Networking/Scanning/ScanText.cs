namespace Codomyrmex.Networking.Scanning;

/// <summary>The words that reports and the command line use, in every format the same.</summary>
public static class ScanText
{
    /// <summary><c>open</c>, <c>closed</c>, <c>filtered</c> or <c>open|filtered</c>.</summary>
    /// <param name="state">The state.</param>
    public static string Of(PortState state) => state switch
    {
        PortState.Open => "open",
        PortState.Closed => "closed",
        PortState.Filtered => "filtered",
        PortState.OpenOrFiltered => "open|filtered",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    /// <summary><c>tcp</c> or <c>udp</c>.</summary>
    /// <param name="protocol">The protocol.</param>
    public static string Of(PortProtocol protocol) => protocol switch
    {
        PortProtocol.Tcp => "tcp",
        PortProtocol.Udp => "udp",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, null),
    };

    /// <summary>The word of a reason: <c>syn-ack</c>, <c>rst</c>, <c>timeout</c>, <c>icmp-host-unreachable</c>, …</summary>
    /// <param name="reason">The reason.</param>
    public static string Of(PortReason reason) => reason switch
    {
        PortReason.Timeout => "timeout",
        PortReason.SynAck => "syn-ack",
        PortReason.Reset => "rst",
        PortReason.UdpResponse => "udp-response",
        PortReason.IcmpNetUnreachable => "icmp-net-unreachable",
        PortReason.IcmpHostUnreachable => "icmp-host-unreachable",
        PortReason.IcmpProtocolUnreachable => "icmp-protocol-unreachable",
        PortReason.IcmpPortUnreachable => "icmp-port-unreachable",
        PortReason.IcmpNetProhibited => "icmp-net-prohibited",
        PortReason.IcmpHostProhibited => "icmp-host-prohibited",
        PortReason.IcmpAdminProhibited => "icmp-admin-prohibited",
        PortReason.IcmpUnreachable => "icmp-unreachable",
        PortReason.HostUnreachable => "host-unreachable",
        PortReason.LocalRefused => "local-refused",
        PortReason.ProxyConnected => "proxy-connected",
        PortReason.ProxyRefused => "proxy-refused",
        PortReason.ProxyUnreachable => "proxy-unreachable",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
