using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Crawling.Protocol;

namespace Codomyrmex.Networking.Crawling;

/// <summary>What a <see cref="RobotsFile"/> says to one crawler. Immutable, thread-safe.</summary>
public sealed class RobotsRules
{
    private const string OwnPath = "/robots.txt";

    // The most specific first, of equals the one that allows: the first that fits decides.
    private readonly (PathPattern Path, bool Allows)[] _rules;

    internal RobotsRules(IEnumerable<RobotsGroup> groups)
    {
        var mine = groups.ToArray();
        _rules = [.. mine.SelectMany(group => group.Rules).OrderByDescending(rule => rule.Path.Length).ThenByDescending(rule => rule.Allows)];
        if (mine.Max(group => group.DelaySeconds) is { } seconds)
            CrawlDelay = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(1).TotalSeconds));
    }

    /// <summary>The pause between requests that the site asks for (<c>Crawl-delay</c>), a day at most; null where it asks for none.</summary>
    public TimeSpan? CrawlDelay { get; }

    /// <summary>
    /// Whether a path may be fetched: the longest rule that fits decides, of two equally long ones the one that allows, and without any it may (RFC 9309,
    /// section 2.2.2).
    /// </summary>
    /// <param name="pathAndQuery">The path with its query, such as <c>/a?b=c</c>.</param>
    public bool Allows(string pathAndQuery)
    {
        ArgumentNullException.ThrowIfNull(pathAndQuery);
        return Allows(pathAndQuery.AsSpan());
    }

    /// <summary>The rules as a robots.txt that says the same to everybody.</summary>
    internal string ToFile()
    {
        var file = new StringBuilder("User-agent: *\n");
        if (CrawlDelay is { } delay)
            file.Append(CultureInfo.InvariantCulture, $"Crawl-delay: {delay.TotalSeconds:0.#######}\n");
        foreach (var (path, allows) in _rules)
            file.Append(allows ? "Allow: " : "Disallow: ").Append(path).Append('\n');
        return file.ToString();
    }

    /// <summary>Reads what <see cref="ToFile"/> has written. It may be longer than a file of a site.</summary>
    internal static RobotsRules FromFile(string file) => new(RobotsParser.Parse(Encoding.UTF8.GetBytes(file)).Groups);

    internal bool Allows(ReadOnlySpan<char> pathAndQuery)
    {
        if (_rules.Length == 0 || pathAndQuery.SequenceEqual(OwnPath))
            return true;
        var path = PercentText.Normalize(pathAndQuery.IsEmpty ? "/" : pathAndQuery, escapeWildcards: true);
        foreach (var (pattern, allows) in _rules)
        {
            if (pattern.Matches(path))
                return allows;
        }
        return true;
    }
}
