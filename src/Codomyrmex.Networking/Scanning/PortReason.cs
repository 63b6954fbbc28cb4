namespace Codomyrmex.Networking.Scanning;

/// <summary>What a port's state was concluded from. <see cref="ScanText.Of(PortReason)"/> has the words that reports use.</summary>
public enum PortReason
{
    /// <summary>No answer to any try (<c>timeout</c>).</summary>
    Timeout,

    /// <summary>The host answered the request for a connection (<c>syn-ack</c>, RFC 9293).</summary>
    SynAck,

    /// <summary>The host refused the connection (<c>rst</c>, RFC 9293).</summary>
    Reset,

    /// <summary>A datagram came back (<c>udp-response</c>).</summary>
    UdpResponse,

    /// <summary>ICMP: no way to the network (<c>icmp-net-unreachable</c>, RFC 792; ICMPv6 "no route", RFC 4443).</summary>
    IcmpNetUnreachable,

    /// <summary>ICMP: the host cannot be reached (<c>icmp-host-unreachable</c>, RFC 792; ICMPv6 "address unreachable", RFC 4443).</summary>
    IcmpHostUnreachable,

    /// <summary>ICMP: the host does not speak the protocol (<c>icmp-protocol-unreachable</c>, RFC 792).</summary>
    IcmpProtocolUnreachable,

    /// <summary>ICMP: nothing listens there, says the host, or a firewall in its place (<c>icmp-port-unreachable</c>, RFC 792, RFC 4443).</summary>
    IcmpPortUnreachable,

    /// <summary>ICMP: the network may not be talked to (<c>icmp-net-prohibited</c>, RFC 1122).</summary>
    IcmpNetProhibited,

    /// <summary>ICMP: the host may not be talked to (<c>icmp-host-prohibited</c>, RFC 1122).</summary>
    IcmpHostProhibited,

    /// <summary>ICMP: forbidden by a rule on the way (<c>icmp-admin-prohibited</c>, RFC 1812; RFC 4443).</summary>
    IcmpAdminProhibited,

    /// <summary>Another ICMP message that means "not delivered" (<c>icmp-unreachable</c>).</summary>
    IcmpUnreachable,

    /// <summary>This machine found no way to the host: no route, or no neighbour with that address (<c>host-unreachable</c>).</summary>
    HostUnreachable,

    /// <summary>This machine's own rules forbid the packet (<c>local-refused</c>).</summary>
    LocalRefused,

    /// <summary>The proxy or tunnel connected (<c>proxy-connected</c>).</summary>
    ProxyConnected,

    /// <summary>The proxy or tunnel says that the host refused (<c>proxy-refused</c>).</summary>
    ProxyRefused,

    /// <summary>The proxy or tunnel could not get there (<c>proxy-unreachable</c>).</summary>
    ProxyUnreachable,
}
