namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>What a line of <c>known_hosts</c> says of its key.</summary>
internal enum KnownHostsMarker
{
    /// <summary>It is a host's own.</summary>
    None,

    /// <summary>It signs certificates of hosts.</summary>
    CertificateAuthority,

    /// <summary>It must never be accepted again.</summary>
    Revoked,
}
