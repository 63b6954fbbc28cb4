namespace Codomyrmex.Networking.Crawling;

/// <summary>Which URLs belong to a crawl. Where connections may go at all is the egress policy's to say, for every URL, redirect and robots.txt. Immutable.</summary>
public sealed record CrawlScope
{
    /// <summary>The hosts of the seeds, each with its scheme and port.</summary>
    public static CrawlScope SeedOrigins { get; } = new();

    /// <summary>The hosts of the seeds and all below them, over http and https: with <c>www.example.com</c> as a seed all of <c>example.com</c>.</summary>
    public static CrawlScope SeedSites { get; } = new() { Subdomains = true };

    /// <summary>Every host. Only with an egress policy that knows no bounds but the public internet, and with limits.</summary>
    public static CrawlScope Anywhere { get; } = new() { AnyHost = true };

    /// <summary>Whether hosts below those of the seeds belong to it. The default value is false.</summary>
    public bool Subdomains { get; init; }

    /// <summary>Whether every host belongs to it. The default value is false.</summary>
    public bool AnyHost { get; init; }

    /// <summary>More hosts that belong to it, such as <c>docs.example.com</c>. The default value is empty.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>
    /// Paths that belong to it, as patterns of robots.txt (<c>*</c> is anything, a <c>$</c> at the end the end), such as <c>/blog/</c>. Seeds always
    /// belong. The default value is empty: all do.
    /// </summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Paths that do not belong to it, as patterns; they go before <see cref="Include"/>. The default value is empty.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Has the last word on a URL that would belong to it; must be thread-safe. The default value is null: it does.</summary>
    public Func<Uri, bool>? Filter { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Hosts, "CrawlScope.Hosts");
        ArgumentNullException.ThrowIfNull(Include, "CrawlScope.Include");
        ArgumentNullException.ThrowIfNull(Exclude, "CrawlScope.Exclude");
        if (Hosts.FirstOrDefault(host => Uri.CheckHostName(host) == UriHostNameType.Unknown) is { } bad)
            throw new ArgumentException($"'{bad}' is not a host.", "CrawlScope.Hosts");
        foreach (var path in Include.Concat(Exclude))
        {
            if (path is not ['/' or '*', ..])
                throw new ArgumentException($"'{path}' is no pattern of a path: it begins with '/' or '*'.", "CrawlScope.Include");
        }
    }
}
