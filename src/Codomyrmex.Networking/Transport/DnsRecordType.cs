namespace Codomyrmex.Networking.Transport;

/// <summary>
/// The kind of a DNS record; the values are IANA's. Any other number may be cast to it: its data is then given in the generic form of
/// RFC 3597.
/// </summary>
public enum DnsRecordType
{
    /// <summary>An IPv4 address (RFC 1035).</summary>
    A = 1,

    /// <summary>A name server of the zone (RFC 1035).</summary>
    NS = 2,

    /// <summary>The name that this one is an alias of (RFC 1035).</summary>
    CNAME = 5,

    /// <summary>The zone's start of authority (RFC 1035).</summary>
    SOA = 6,

    /// <summary>The name that an address points back to (RFC 1035).</summary>
    PTR = 12,

    /// <summary>A mail exchanger and its preference (RFC 1035).</summary>
    MX = 15,

    /// <summary>Text (RFC 1035).</summary>
    TXT = 16,

    /// <summary>An IPv6 address (RFC 3596).</summary>
    AAAA = 28,

    /// <summary>Where a service runs: priority, weight, port, host (RFC 2782).</summary>
    SRV = 33,

    /// <summary>The fingerprint of an SSH host key: algorithm, kind of digest, digest (RFC 4255, RFC 6594).</summary>
    SSHFP = 44,

    /// <summary>How to reach a service (RFC 9460).</summary>
    SVCB = 64,

    /// <summary>How to reach a web origin: protocols, port, address hints (RFC 9460).</summary>
    HTTPS = 65,

    /// <summary>Which authority may issue certificates for the name (RFC 8659).</summary>
    CAA = 257,
}
