namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>What <c>known_hosts</c> says of the key that a host shows.</summary>
internal abstract record HostKeyFinding
{
    private HostKeyFinding()
    {
    }

    /// <summary>The host is known by this key.</summary>
    public sealed record Match(KnownHostsLine Line) : HostKeyFinding;

    /// <summary>The key is certified by somebody who may vouch for the host; whether the certificate is good is still to be asked.</summary>
    public sealed record Certified(KnownHostsLine Line, SshCertificate Certificate) : HostKeyFinding;

    /// <summary>Nothing is known of the host.</summary>
    public sealed record Unknown : HostKeyFinding;

    /// <summary>The host is known by other keys.</summary>
    public sealed record Changed(IReadOnlyList<KnownHostsLine> Known) : HostKeyFinding;

    /// <summary>The key, or the signer of its certificate, must never be accepted again.</summary>
    public sealed record Revoked(KnownHostsLine Line) : HostKeyFinding;

    /// <summary>A line that may be about the host cannot be read: what it would have said is not known.</summary>
    public sealed record Unreadable(KnownHostsLine Line) : HostKeyFinding;
}
