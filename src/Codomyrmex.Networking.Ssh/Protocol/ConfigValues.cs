namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>What a configuration says for one host: for each keyword the first value, for lists all of them.</summary>
internal sealed class ConfigValues
{
    private readonly Dictionary<string, List<ConfigDirective>> _found = [];

    /// <summary>Takes a line that applies, unless one came before it.</summary>
    public void Add(ConfigDirective line)
    {
        var keyword = ConfigKeywords.Canonical(line.Keyword);
        // Of these two the first one makes the other void, whatever its value (readconf.c of OpenSSH: "none" is one).
        if ((keyword == "proxyjump" && Has("proxycommand")) || (keyword == "proxycommand" && Has("proxyjump")))
            return;
        if (!_found.TryGetValue(keyword, out var lines))
            _found[keyword] = lines = [];
        if (lines.Count == 0 || ConfigKeywords.IsList(keyword))
            lines.Add(line);
    }

    public bool Has(string keyword) => _found.ContainsKey(keyword);

    /// <summary>The line of a keyword that is no list; null for none.</summary>
    public ConfigDirective? Line(string keyword) => _found.TryGetValue(keyword, out var lines) ? lines[0] : null;

    /// <summary>The first word of a keyword's value; null for none.</summary>
    public string? One(string keyword) => Line(keyword)?.Arguments[0];

    public IReadOnlyList<ConfigDirective> All(string keyword) => _found.TryGetValue(keyword, out var lines) ? lines : [];
}
