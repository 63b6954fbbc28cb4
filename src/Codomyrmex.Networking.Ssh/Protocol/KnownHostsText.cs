namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Reads and writes the lines of a <c>known_hosts</c> file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).</summary>
internal static class KnownHostsText
{
    /// <summary>All lines but empty ones, comments and keys of SSH 1; those that cannot be read too, with what is wrong.</summary>
    /// <param name="text">The file.</param>
    /// <param name="file">What to call it.</param>
    public static IReadOnlyList<KnownHostsLine> Parse(ReadOnlySpan<char> text, string file)
    {
        var lines = new List<KnownHostsLine>();
        var number = 0;
        foreach (var range in text.Split('\n'))
        {
            number++;
            var line = text[range].Trim(" \t\r");
            if (number == 1)
                line = line.TrimStart('\uFEFF');
            if (!line.IsEmpty && line[0] != '#' && Read(line, file, number) is { } read)
                lines.Add(read);
        }
        return lines;
    }

    /// <summary>The line that makes a host known by a key.</summary>
    public static string Format(string host, int port, SshPublicKey key, bool isHashed)
    {
        var name = HostNames.Of(host, port);
        return $"{(isHashed ? HostNames.Hashed(name) : name)} {key.Plain.Text}";
    }

    private static KnownHostsLine? Read(ReadOnlySpan<char> line, string file, int number)
    {
        KnownHostsMarker? marker = KnownHostsMarker.None;
        if (line[0] == '@')
        {
            marker = Word(ref line) switch
            {
                "@cert-authority" => KnownHostsMarker.CertificateAuthority,
                "@revoked" => KnownHostsMarker.Revoked,
                _ => null,
            };
        }
        var hosts = Word(ref line);
        var type = Word(ref line);
        // SSH 1: the size in bits, exponent and modulus in decimal. Its keys can no longer be shown by anybody.
        if (marker == KnownHostsMarker.None && type.Length > 0 && !type.ContainsAnyExceptInRange('0', '9') && !line.IsEmpty && char.IsAsciiDigit(line[0]))
            return null;
        var result = new KnownHostsLine { File = file, Number = number, Marker = marker, Hosts = hosts.IsEmpty ? null : hosts.ToString() };
        if (marker is null)
            return result with { Problem = "its marker is not known" };
        if (type.IsEmpty || line.IsEmpty)
            return result with { Problem = "it ends before the key" };
        if (HostNames.Problem(hosts) is { } problem)
            return result with { Problem = problem };
        try
        {
            return result with { Key = SshPublicKey.Parse(type, Word(ref line)) };
        }
        catch (FormatException wrong)
        {
            return result with { Problem = "its key is malformed: " + wrong.Message };
        }
    }

    private static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> line)
    {
        var end = line.IndexOfAny(' ', '\t');
        var word = end < 0 ? line : line[..end];
        line = end < 0 ? [] : line[end..].TrimStart(" \t");
        return word;
    }
}
