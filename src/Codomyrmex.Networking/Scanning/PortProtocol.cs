namespace Codomyrmex.Networking.Scanning;

/// <summary>The protocol that a port belongs to.</summary>
public enum PortProtocol
{
    /// <summary>TCP (RFC 9293).</summary>
    Tcp,

    /// <summary>UDP (RFC 768).</summary>
    Udp,
}
