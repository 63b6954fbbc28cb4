using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>
/// What a host's lines in <c>known_hosts</c> become where its keys have changed and it has said so over a connection that one of the known keys protects. Only lines that are about this host by its
/// own name are ever touched; all others stay as they are, byte for byte.
/// </summary>
internal sealed class KnownHostsRotation
{
    private readonly string _name;
    private readonly string _file;
    private readonly SshPublicKey _used;
    private readonly IReadOnlyList<SshPublicKey> _announced;
    private readonly IReadOnlyList<SshPublicKey> _fresh;

    private KnownHostsRotation(string name, string file, SshPublicKey used, IReadOnlyList<SshPublicKey> announced, IReadOnlyList<SshPublicKey> fresh) =>
        (_name, _file, _used, _announced, _fresh) = (name, file, used, announced, fresh);

    /// <summary>Keys of the host's that are not known yet: each has to be proven before it is written down.</summary>
    public IReadOnlyList<SshPublicKey> Fresh => _fresh;

    /// <summary>What there is to do, or null where the host is not known in a way that may be followed.</summary>
    /// <param name="lines">The lines of all files.</param>
    /// <param name="file">The file that is written to.</param>
    /// <param name="host">The host, as it was asked for.</param>
    /// <param name="port">Its port.</param>
    /// <param name="used">The key that it has shown on this connection.</param>
    /// <param name="announced">The keys that it says it has.</param>
    /// <param name="isWanted">Whether a key is of a kind that may be remembered.</param>
    public static KnownHostsRotation? Plan(
        IReadOnlyList<KnownHostsLine> lines, string file, string host, int port, SshPublicKey used, IReadOnlyList<SshPublicKey> announced, Func<SshPublicKey, bool> isWanted)
    {
        var name = HostNames.Of(host, port);
        var own = lines.Where(line => line.Key is not null && line.Marker != KnownHostsMarker.Revoked && line.Names(name)).ToList();
        // A rule for many hosts, or a signer, says more than this host can: whoever wrote it looks after it.
        if (own.Exists(line => line.Marker == KnownHostsMarker.CertificateAuthority || IsPattern(line.Hosts!)))
            return null;
        // A server that does not name the key that it has just used is not to be understood.
        if (!own.Exists(line => line.File == file && line.Key!.Equals(used)) || !announced.Contains(used))
            return null;
        var fresh = announced.Where(key => isWanted(key) && !own.Exists(line => line.Key!.Equals(key)) && KnownHostsCheck.Of(lines, host, port, key) is HostKeyFinding.Changed).ToList();
        var hasOld = own.Exists(line => line.File == file && !announced.Contains(line.Key!));
        return fresh.Count > 0 || hasOld ? new(name, file, used, announced, fresh) : null;
    }

    /// <summary>The file's text after it.</summary>
    /// <param name="text">The text as it is now.</param>
    /// <param name="isHashed">Whether the names of new lines are hashed where none of the host's is.</param>
    public string Apply(string text, bool isHashed)
    {
        var own = KnownHostsText.Parse(text, _file).Where(line => line.Marker == KnownHostsMarker.None && line.Key is not null && line.Names(_name)).ToDictionary(line => line.Number);
        if (!own.Values.Any(line => line.Key!.Equals(_used)) || own.Values.Any(line => IsPattern(line.Hosts!)))
            return text;
        isHashed |= own.Values.Any(line => line.Hosts!.StartsWith('|'));
        var last = own.Values.Where(line => _announced.Contains(line.Key!)).Max(line => line.Number);
        var after = new StringBuilder(text.Length + 256);
        var number = 0;
        foreach (var line in Lines(text))
        {
            number++;
            if (!own.TryGetValue(number, out var about) || _announced.Contains(about.Key!))
                after.Append(line);
            else
                after.Append(Without(line, about));
            if (number == last)
                Add(after, own.Values, isHashed);
        }
        return after.ToString();
    }

    private void Add(StringBuilder after, ICollection<KnownHostsLine> own, bool isHashed)
    {
        foreach (var key in _fresh.Where(key => !own.Any(line => line.Key!.Equals(key))))
        {
            if (after[^1] != '\n')
                after.Append('\n');
            after.Append(isHashed ? HostNames.Hashed(_name) : _name).Append(' ').Append(key.Text).Append('\n');
        }
    }

    /// <summary>A line without the host: nothing where it names nobody else.</summary>
    private string Without(string line, KnownHostsLine about)
    {
        var others = string.Join(',', about.Hosts!.Split(',').Where(host => !HostNames.Matches(host, _name)));
        var at = line.IndexOf(about.Hosts, StringComparison.Ordinal);
        return others.Length == 0 ? "" : string.Concat(line.AsSpan(0, at), others, line.AsSpan(at + about.Hosts.Length));
    }

    private static bool IsPattern(string hosts) => !hosts.StartsWith('|') && hosts.AsSpan().ContainsAny('*', '?', '!');

    private static IEnumerable<string> Lines(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var found and >= 0 ? found + 1 : text.Length;
            yield return text[start..end];
            start = end;
        }
    }
}
