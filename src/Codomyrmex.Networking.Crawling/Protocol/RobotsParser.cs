using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>
/// Reads robots.txt (RFC 9309, section 2.2). Every input is one: lines that say nothing are passed over, as crawlers have always done.
/// </summary>
internal static class RobotsParser
{
    // More rules than any site has; each costs time for each URL.
    private const int MostRules = 20_000;
    private const int MostSitemaps = 1_000;

    public static (List<RobotsGroup> Groups, List<string> Sitemaps) Parse(ReadOnlySpan<byte> content)
    {
        var groups = new List<RobotsGroup>();
        var sitemaps = new List<string>();
        var rules = 0;
        // Agents that follow each other share the group; one that follows a rule begins another.
        var isNaming = false;
        RobotsGroup? group = null;
        var text = Encoding.UTF8.GetString(content.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? content[3..] : content);
        foreach (var whole in text.AsSpan().EnumerateLines())
        {
            var hash = whole.IndexOf('#');
            var line = hash < 0 ? whole : whole[..hash];
            var colon = line.IndexOf(':');
            if (colon < 0)
                continue;
            var key = line[..colon].Trim();
            var value = line[(colon + 1)..].Trim();
            if (key.Equals("user-agent", StringComparison.OrdinalIgnoreCase))
            {
                if (!isNaming || group is null)
                    groups.Add(group = new RobotsGroup());
                isNaming = true;
                group.Agents.Add(Token(value).ToString());
            }
            else if (key.Equals("sitemap", StringComparison.OrdinalIgnoreCase))
            {
                // It belongs to no group and ends none.
                if (sitemaps.Count < MostSitemaps && !value.IsEmpty)
                    sitemaps.Add(value.ToString());
            }
            else if (group is not null && (key.Equals("allow", StringComparison.OrdinalIgnoreCase) || key.Equals("disallow", StringComparison.OrdinalIgnoreCase)))
            {
                isNaming = false;
                // An empty rule says nothing: "Disallow:" is how everything is allowed.
                if (!value.IsEmpty && rules++ < MostRules)
                    group.Rules.Add((new PathPattern(value), key.Length == "allow".Length));
            }
            else if (group is not null && key.Equals("crawl-delay", StringComparison.OrdinalIgnoreCase))
            {
                // The RFC does not know it, and what it does not know may not end the naming of agents (section 2.2.4).
                if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds))
                    group.DelaySeconds = Math.Max(group.DelaySeconds ?? 0, seconds);
            }
        }
        return (groups, sitemaps);
    }

    // "ExampleBot/2.1 (…)" is ExampleBot. The RFC has letters, '_' and '-'; digits and dots are in names all the same.
    private static ReadOnlySpan<char> Token(ReadOnlySpan<char> value)
    {
        if (value.StartsWith('*'))
            return "*";
        var end = 0;
        while (end < value.Length && (char.IsAsciiLetterOrDigit(value[end]) || value[end] is '_' or '-' or '.'))
            end++;
        return value[..end];
    }
}
