using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling;

/// <summary>The settings of a <see cref="Crawler"/>. Immutable, checked once when the crawler is made.</summary>
public sealed record CrawlerOptions
{
    /// <summary>The defaults: the hosts of the seeds, on the public internet, politely.</summary>
    public static CrawlerOptions Default { get; } = new();

    /// <summary>
    /// How pages are fetched: policy, proxies, timeouts, TLS, cookies, credentials, the clock. Redirects and retries are the crawler's own, and its limits go before the
    /// client's. The default value is <see cref="HTTPProfiles.Scrape"/>, which reaches the public internet only.
    /// </summary>
    public HTTPClientOptions Http { get; init; } = HTTPProfiles.Scrape;

    /// <summary>Who crawls. The default value is null: whoever the client's user agent names.</summary>
    public CrawlIdentity? Identity { get; init; }

    /// <summary>How each host is treated.</summary>
    public Politeness Politeness { get; init; } = Politeness.Default;

    /// <summary>How far the crawl goes.</summary>
    public CrawlLimits Limits { get; init; } = CrawlLimits.Default;

    /// <summary>Which URLs belong to it. The default value is <see cref="CrawlScope.SeedOrigins"/>.</summary>
    public CrawlScope Scope { get; init; } = CrawlScope.SeedOrigins;

    /// <summary>When two URLs are one page.</summary>
    public UrlRules Urls { get; init; } = UrlRules.Default;

    /// <summary>Requests under way to all hosts together. The default value is 32.</summary>
    public int Concurrency { get; init; } = 32;

    /// <summary>
    /// Where the crawl is kept, so that a later run goes on where this one ended, however it ended, or looks for changes: see <see cref="Crawler.RunAsync"/>. The default
    /// value is null: in memory.
    /// </summary>
    public string? StateFile { get; init; }

    /// <summary>Media types whose bodies are read; of others only the fields are. The default value is HTML, XHTML and plain text; empty reads all.</summary>
    public IReadOnlyList<string> ContentTypes { get; init; } = ["text/html", "application/xhtml+xml", "text/plain"];

    /// <summary>Whether the sitemaps of each host are read. The default value is true.</summary>
    public bool UseSitemaps { get; init; } = true;

    /// <summary>Whether links that ask not to be followed are followed. The default value is false.</summary>
    public bool FollowNoFollow { get; init; }

    /// <summary>Whether the links of a page are followed whose content another URL has shown already. The default value is false: such pages are how endless paths look.</summary>
    public bool FollowDuplicates { get; init; }

    /// <summary>
    /// Whether each host is asked once for a page that cannot be there, so that its "not found" is known where it has the status of a page that is. The default
    /// value is true.
    /// </summary>
    public bool DetectSoftNotFound { get; init; } = true;

    /// <summary>Several visitors in turn. The default value is null: one, with the client's cookies.</summary>
    public SessionOptions? Sessions { get; init; }

    /// <summary>The seed of what is left to chance: pauses, and the page that cannot be there. The default value is null: a random one.</summary>
    public int? Seed { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Http, "CrawlerOptions.Http");
        ArgumentNullException.ThrowIfNull(Politeness, "CrawlerOptions.Politeness");
        ArgumentNullException.ThrowIfNull(Limits, "CrawlerOptions.Limits");
        ArgumentNullException.ThrowIfNull(Scope, "CrawlerOptions.Scope");
        ArgumentNullException.ThrowIfNull(Urls, "CrawlerOptions.Urls");
        ArgumentNullException.ThrowIfNull(ContentTypes, "CrawlerOptions.ContentTypes");
        ArgumentOutOfRangeException.ThrowIfLessThan(Concurrency, 1, "CrawlerOptions.Concurrency");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Concurrency, 10_000, "CrawlerOptions.Concurrency");
        if (StateFile is "")
            throw new ArgumentException("A file has a name.", "CrawlerOptions.StateFile");
        if (Http.BaseUrl is not null)
            throw new ArgumentException("A crawler visits whole URLs: a base would keep it on one origin.", "CrawlerOptions.Http");
        Http.Validate();
        Identity?.Validate();
        Politeness.Validate();
        Limits.Validate();
        Scope.Validate();
        Urls.Validate();
        Sessions?.Validate();
    }
}
