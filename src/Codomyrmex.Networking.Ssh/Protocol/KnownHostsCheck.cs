namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>
/// Compares the key that a host shows with what is known. Stricter than OpenSSH in two ways: a host that is known by keys of other types alone
/// has changed, since whoever stands in between would choose a type that is not known; and a line that cannot be read is not passed over
/// where it may be about the host.
/// </summary>
internal static class KnownHostsCheck
{
    /// <param name="lines">The lines of all files, in order.</param>
    /// <param name="host">The name that was asked for.</param>
    /// <param name="port">The port.</param>
    /// <param name="key">What the host shows: a key or a certificate.</param>
    public static HostKeyFinding Of(IReadOnlyList<KnownHostsLine> lines, string host, int port, SshPublicKey key)
    {
        var name = HostNames.Of(host, port);
        var bare = HostNames.Of(host, HostNames.DefaultPort);
        // A revocation wins over all else, whatever port it names (CVE class 49).
        foreach (var line in lines)
        {
            if (line.Marker == KnownHostsMarker.Revoked && line.Key is not null && (line.Names(name) || line.Names(bare)) && Shows(key, line.Key))
                return new HostKeyFinding.Revoked(line);
        }
        if (lines.FirstOrDefault(line => MayRevoke(line) && (line.MayConcern(name) || line.MayConcern(bare))) is { } lost)
            return new HostKeyFinding.Unreadable(lost);

        var known = lines.Where(line => line.Key is not null && line.Marker != KnownHostsMarker.Revoked && line.Names(name)).ToList();
        if (Find(known, key) is { } found)
            return found;
        if (lines.FirstOrDefault(line => line.Problem is not null && line.MayConcern(name)) is { } unread)
            return new HostKeyFinding.Unreadable(unread);
        var others = known.Where(line => line.Marker == KnownHostsMarker.None).ToList();
        if (others.Count > 0)
            return new HostKeyFinding.Changed(others);
        // As OpenSSH does: a host that is not known at this port may be known by the very key without one.
        return name != bare && Find(lines.Where(line => line.Key is not null && line.Marker != KnownHostsMarker.Revoked && line.Names(bare)), key) is { } elsewhere
            ? elsewhere
            : new HostKeyFinding.Unknown();
    }

    /// <summary>The types of the keys that a host is known by, in the order of the lines: those to ask it for first.</summary>
    public static IReadOnlyList<string> TypesOf(IReadOnlyList<KnownHostsLine> lines, string host, int port)
    {
        var names = new[] { HostNames.Of(host, port), HostNames.Of(host, HostNames.DefaultPort) }.Distinct();
        return names.Select(name => lines.Where(line => line.Marker == KnownHostsMarker.None && line.Key is not null && line.Names(name)).Select(line => line.Key!.Type).Distinct().ToList())
            .FirstOrDefault(types => types.Count > 0) ?? [];
    }

    /// <summary>Whether a signer of host certificates is known for the host.</summary>
    public static bool HasAuthority(IReadOnlyList<KnownHostsLine> lines, string host, int port)
    {
        var (name, bare) = (HostNames.Of(host, port), HostNames.Of(host, HostNames.DefaultPort));
        return lines.Any(line => line.Marker == KnownHostsMarker.CertificateAuthority && line.Key is not null && (line.Names(name) || line.Names(bare)));
    }

    /// <summary>Whether a line that cannot be read may have been meant as a revocation.</summary>
    private static bool MayRevoke(KnownHostsLine line) => line.Problem is not null && line.Marker is null or KnownHostsMarker.Revoked;

    private static HostKeyFinding? Find(IEnumerable<KnownHostsLine> known, SshPublicKey key)
    {
        HostKeyFinding? match = null;
        foreach (var line in known)
        {
            if (line.Marker == KnownHostsMarker.CertificateAuthority && key.Certificate is { } certificate && line.Key!.Equals(certificate.Authority))
                return new HostKeyFinding.Certified(line, certificate);
            if (line.Marker == KnownHostsMarker.None && line.Key!.Equals(key.Plain))
                match ??= new HostKeyFinding.Match(line);
        }
        return match;
    }

    /// <summary>Whether what is shown rests on a key: it is the key, or a certificate for it or by it.</summary>
    private static bool Shows(SshPublicKey shown, SshPublicKey key) =>
        key.Plain.Equals(shown.Plain) || (shown.Certificate is { } certificate && key.Plain.Equals(certificate.Authority));
}
