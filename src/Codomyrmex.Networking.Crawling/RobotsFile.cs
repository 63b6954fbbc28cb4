using Codomyrmex.Networking.Crawling.Protocol;

namespace Codomyrmex.Networking.Crawling;

/// <summary>A robots.txt (RFC 9309). Immutable, thread-safe.</summary>
public sealed class RobotsFile
{
    /// <summary>How much of a file is read: 500 KiB, as the RFC asks for (section 2.5).</summary>
    public const int MaxBytes = 500 * 1024;

    private readonly List<RobotsGroup> _groups;

    private RobotsFile(List<RobotsGroup> groups, IReadOnlyList<string> sitemaps) => (_groups, Sitemaps) = (groups, sitemaps);

    /// <summary>A file that allows everything: what a site without one has (section 2.3.1.3).</summary>
    public static RobotsFile AllowAll { get; } = Parse([]);

    /// <summary>A file that forbids everything: what a site has whose file cannot be had (section 2.3.1.4).</summary>
    public static RobotsFile DenyAll { get; } = Parse("User-agent: *\nDisallow: /"u8);

    /// <summary>The sitemaps that the file names, as written: at most 1,000.</summary>
    public IReadOnlyList<string> Sitemaps { get; }

    /// <summary>Reads a file. Nothing is an error; what lies beyond <see cref="MaxBytes"/> is not read.</summary>
    /// <param name="content">Its bytes.</param>
    public static RobotsFile Parse(ReadOnlySpan<byte> content)
    {
        var (groups, sitemaps) = RobotsParser.Parse(content.Length > MaxBytes ? content[..MaxBytes] : content);
        return new RobotsFile(groups, sitemaps);
    }

    /// <summary>
    /// The rules for a crawler: those of all groups that name it, in any case; where none does, those for everybody (section 2.2.1).
    /// </summary>
    /// <param name="productToken">The crawler's name alone, such as <c>ExampleBot</c>.</param>
    public RobotsRules RulesFor(string productToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(productToken);
        var named = _groups.FindAll(group => Names(group, productToken));
        return new RobotsRules(named.Count > 0 ? named : _groups.FindAll(group => Names(group, "*")));
    }

    private static bool Names(RobotsGroup group, string agent) => group.Agents.Exists(name => name.Equals(agent, StringComparison.OrdinalIgnoreCase));
}
