namespace Codomyrmex.Networking.Transport;

/// <summary>Which IP versions may be used.</summary>
public enum IPFamilies
{
    /// <summary>IPv4 and IPv6, raced against each other (RFC 8305).</summary>
    Both,

    /// <summary>IPv4 only.</summary>
    IPv4,

    /// <summary>IPv6 only.</summary>
    IPv6,
}
