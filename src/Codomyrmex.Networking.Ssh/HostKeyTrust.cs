using System.Net;

namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// By what a server's host key is accepted. Whatever fails on the way to a decision is a refusal: a host key is accepted because something says
/// so, never because nothing could be asked.
/// </summary>
/// <remarks>
/// In this order: a key that a line marked <c>@revoked</c> names is refused, also where it is pinned. Where keys are pinned, only those are accepted.
/// Otherwise the files decide: a key that they know for the host is accepted, one certified by an <c>@cert-authority</c> line's key too if the
/// certificate is good, and another key than the known ones is refused, also one of another type. An unknown host is refused unless
/// <see cref="AcceptNew"/>.
/// </remarks>
public sealed record HostKeyTrust
{
    /// <summary>What the user's and the system's <c>known_hosts</c> know; unknown hosts are refused.</summary>
    public static HostKeyTrust Default { get; } = new();

    /// <summary>
    /// Files of known hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). A leading <c>~</c> is the home directory; a file that does not exist is empty. The
    /// default value is <c>~/.ssh/known_hosts</c>, <c>~/.ssh/known_hosts2</c>, <c>/etc/ssh/ssh_known_hosts</c> and <c>/etc/ssh/ssh_known_hosts2</c>.
    /// </summary>
    public IReadOnlyList<string> KnownHostsFiles { get; init; } =
        ["~/.ssh/known_hosts", "~/.ssh/known_hosts2", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

    /// <summary>
    /// Whether a host that is not known is accepted once and remembered in the first of <see cref="KnownHostsFiles"/>. Whoever answers the first
    /// time is believed; a changed key is refused all the same. The default value is false.
    /// </summary>
    public bool AcceptNew { get; init; }

    /// <summary>Whether the names of remembered hosts are hashed, so that the file does not tell where its owner connects to. The default value is false.</summary>
    public bool HashNewHosts { get; init; }

    /// <summary>
    /// Whether a host that the first of <see cref="KnownHostsFiles"/> knows by a line of its own is followed to new keys (OpenSSH's <c>UpdateHostKeys</c>): those that it says it has are remembered once it
    /// has signed with each over the connection that the known key protects, and lines with keys that it no longer has are taken away. All of that or nothing; a host that is known by a pattern or by the
    /// signer of its certificate, or whose key is pinned, is not followed. The default value is false.
    /// </summary>
    public bool FollowRotation { get; init; }

    /// <summary>
    /// Fingerprints as <c>ssh-keygen -l</c> writes them (<c>SHA256:…</c>). Where there are any, a key must be one of them, or be certified by one, and known
    /// hosts are not asked but for revocations. The default value is empty.
    /// </summary>
    public IReadOnlyList<string> PinnedFingerprints { get; init; } = [];

    /// <summary>The name under which the host is looked up, instead of the one connected to, without a port: for tunnels and renamed machines. The default value is null.</summary>
    public string? HostKeyAlias { get; init; }

    /// <summary>
    /// A DNS server of this machine that validates DNSSEC. Where there is one, a host that no file knows is looked up there: a validated SSHFP record (RFC 4255, RFC 6594) with the SHA-256 of its key makes the
    /// key the host's, validated records with others alone make it refused, and so does a server that fails. What is not validated says nothing, and nothing that DNS says makes a changed or revoked key
    /// acceptable. It must have an address of this machine, since whoever is on the way to another can say that an answer is validated. The default value is null: DNS is not asked.
    /// </summary>
    public IPEndPoint? ValidatingResolver { get; init; }

    /// <summary>The bits that an RSA host key, and one that signs certificates, must have at least. The default value is 2048.</summary>
    public int MinimumRsaBits { get; init; } = 2048;

    /// <summary>
    /// Accepts whatever key is shown: whoever answers is believed to be the server, and gets the password. For tests on networks that nobody else
    /// reaches. The default value is false.
    /// </summary>
    public bool InsecureAcceptAnyHostKey { get; init; }

    /// <summary>Lists compare by what is in them.</summary>
    /// <param name="other">Another trust.</param>
    public bool Equals(HostKeyTrust? other) => other is not null
        && KnownHostsFiles.SequenceEqual(other.KnownHostsFiles) && PinnedFingerprints.SequenceEqual(other.PinnedFingerprints)
        && (AcceptNew, HashNewHosts, FollowRotation, HostKeyAlias, MinimumRsaBits, InsecureAcceptAnyHostKey)
        == (other.AcceptNew, other.HashNewHosts, other.FollowRotation, other.HostKeyAlias, other.MinimumRsaBits, other.InsecureAcceptAnyHostKey)
        && Equals(ValidatingResolver, other.ValidatingResolver);

    /// <summary>A hash that fits <see cref="Equals(HostKeyTrust?)"/>.</summary>
    public override int GetHashCode() => HashCode.Combine(KnownHostsFiles.Count, PinnedFingerprints.Count, AcceptNew, HashNewHosts, HostKeyAlias, MinimumRsaBits, InsecureAcceptAnyHostKey);

    internal void Validate()
    {
        foreach (var pin in PinnedFingerprints)
        {
            if (!IsFingerprint(pin))
                throw new ArgumentException($"HostKeyTrust.PinnedFingerprints: '{Printable.Text(pin ?? "")}' is no fingerprint of the form SHA256:… (43 characters of base64).", nameof(PinnedFingerprints));
        }
        if (KnownHostsFiles.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException("HostKeyTrust.KnownHostsFiles: a path is empty.", nameof(KnownHostsFiles));
        if (HostKeyAlias is { } alias && (alias.Length == 0 || alias.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0 || alias.AsSpan().ContainsAny("*?!,|@#")))
            throw new ArgumentException("HostKeyTrust.HostKeyAlias is empty, or has blanks, control characters or one of *?!,|@#, by which a line of known_hosts would be about other hosts.", nameof(HostKeyAlias));
        if (MinimumRsaBits is < 1024 or > 16384)
            throw new ArgumentException("HostKeyTrust.MinimumRsaBits is not between 1024 and 16384.", nameof(MinimumRsaBits));
        if (AcceptNew && KnownHostsFiles.Count == 0)
            throw new ArgumentException("HostKeyTrust.AcceptNew needs a file to remember hosts in.", nameof(AcceptNew));
        if (ValidatingResolver is { } resolver && (!IPAddress.IsLoopback(resolver.Address) || resolver.Port == 0))
            throw new ArgumentException($"HostKeyTrust.ValidatingResolver is {resolver}, and must be a port of this machine's loopback interface: anybody on the way to another could forge what it says.", nameof(ValidatingResolver));
    }

    internal static bool IsFingerprint(string? pin) => pin is not null && pin.StartsWith("SHA256:", StringComparison.Ordinal)
        && pin.AsSpan(7).TrimEnd('=') is { Length: 43 } digest && Convert.TryFromBase64Chars($"{digest}=", new byte[32], out var length) && length == 32;
}
