using System.Text;

namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>What a site asks of programs (RFC 9309), read once; the rules of the group that names the program, or of those for all.</summary>
internal sealed class RobotsFile
{
    private const int MostRules = 10_000;
    private const int LongestPath = 2048;

    private readonly List<(string Agent, List<(bool Allows, string Path)> Rules)> _groups;

    private RobotsFile(List<(string, List<(bool, string)>)> groups) => _groups = groups;

    /// <summary>No rules: everything may be fetched.</summary>
    public static RobotsFile Empty { get; } = new([]);

    /// <summary>Reads a file. Whatever is no rule is passed over: a site's mistakes are not the visitor's.</summary>
    public static RobotsFile Parse(ReadOnlySpan<byte> bytes)
    {
        var groups = new List<(string, List<(bool, string)>)>();
        var rules = new List<(bool, string)>();
        var isNaming = false;
        var count = 0;
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        foreach (var range in bytes.SplitAny("\r\n"u8))
        {
            var line = bytes[range];
            var remark = line.IndexOf((byte)'#');
            if (remark >= 0)
                line = line[..remark];
            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
                continue;
            var name = Encoding.Latin1.GetString(line[..colon]).Trim();
            var value = Encoding.UTF8.GetString(line[(colon + 1)..]).Trim();
            if (name.Equals("user-agent", StringComparison.OrdinalIgnoreCase))
            {
                // Names in a row share what follows (section 2.2.1).
                if (!isNaming)
                    rules = [];
                isNaming = true;
                if (groups.Count < MostRules)
                    groups.Add((value, rules));
                continue;
            }
            var allows = name.Equals("allow", StringComparison.OrdinalIgnoreCase);
            if (!allows && !name.Equals("disallow", StringComparison.OrdinalIgnoreCase))
                continue;
            isNaming = false;
            if (value.Length is > 0 and <= LongestPath && count++ < MostRules)
                rules.Add((allows, Normalised(value)));
        }
        return new RobotsFile(groups);
    }

    /// <summary>Whether a program may fetch a path: the longest rule that fits says, and of two as long the one that allows (section 2.2.2).</summary>
    /// <param name="agent">The program's token.</param>
    /// <param name="path">Path and query, as they are sent.</param>
    public bool Allows(string agent, string path)
    {
        path = Normalised(path.Length > LongestPath ? path[..LongestPath] : path);
        if (path == "/robots.txt")
            return true;
        var own = _groups.Where(group => group.Agent.Equals(agent, StringComparison.OrdinalIgnoreCase)).ToList();
        var (longest, allows) = (-1, true);
        foreach (var (_, rules) in own.Count > 0 ? own : _groups.Where(static group => group.Agent == "*"))
        {
            foreach (var rule in rules)
            {
                if (rule.Path.Length < longest || (rule.Path.Length == longest && !rule.Allows) || !Fits(rule.Path, path))
                    continue;
                (longest, allows) = (rule.Path.Length, rule.Allows);
            }
        }
        return allows;
    }

    /// <summary>Whether a pattern with <c>*</c> and a last <c>$</c> fits the beginning of a path. Goes back to the last star only, so that its time is bounded by the product of both lengths.</summary>
    private static bool Fits(string pattern, string path)
    {
        var isAnchored = pattern.EndsWith('$');
        var length = isAnchored ? pattern.Length - 1 : pattern.Length;
        int at = 0, from = 0, star = -1, mark = 0;
        while (true)
        {
            if (at == length)
            {
                if (!isAnchored || from == path.Length)
                    return true;
            }
            else if (pattern[at] == '*')
            {
                (star, mark) = (at++, from);
                continue;
            }
            else if (from < path.Length && pattern[at] == path[from])
            {
                at++;
                from++;
                continue;
            }
            if (star < 0 || mark >= path.Length)
                return false;
            (at, from) = (star + 1, ++mark);
        }
    }

    /// <summary>Escapes in one spelling, so that rule and path compare (section 2.2.2).</summary>
    private static string Normalised(string path)
    {
        if (!path.Contains('%', StringComparison.Ordinal) && Ascii.IsValid(path))
            return path;
        var text = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && i + 2 < path.Length && char.IsAsciiHexDigit(path[i + 1]) && char.IsAsciiHexDigit(path[i + 2]))
            {
                var value = (char)Convert.ToByte(path.Substring(i + 1, 2), 16);
                text.Append(char.IsAsciiLetterOrDigit(value) || value is '-' or '.' or '_' or '~' ? value.ToString() : $"%{(int)value:X2}");
                i += 2;
            }
            else if (path[i] < 0x80)
            {
                text.Append(path[i]);
            }
            else
            {
                var width = char.IsHighSurrogate(path[i]) && i + 1 < path.Length && char.IsLowSurrogate(path[i + 1]) ? 2 : 1;
                foreach (var b in Encoding.UTF8.GetBytes(path.Substring(i, width)))
                    text.Append($"%{b:X2}");
                i += width - 1;
            }
        }
        return text.ToString();
    }
}
