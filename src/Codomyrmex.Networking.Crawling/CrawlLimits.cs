namespace Codomyrmex.Networking.Crawling;

/// <summary>How far a crawl goes. All on by default: sites without end are common. What a limit keeps out is counted. Immutable.</summary>
public sealed record CrawlLimits
{
    /// <summary>The defaults.</summary>
    public static CrawlLimits Default { get; } = new();

    /// <summary>Pages that are handed over in one run; the rest waits in the state file. The default value is 100,000.</summary>
    public int Pages { get; init; } = 100_000;

    /// <summary>Pages that are visited of one host in one run. The default value is no limit.</summary>
    public int PagesPerHost { get; init; } = int.MaxValue;

    /// <summary>Bytes of bodies, decoded, after which a run ends. The default value is no limit.</summary>
    public long Bytes { get; init; } = long.MaxValue;

    /// <summary>Bytes of one body, decoded; a larger one is an error of its page (<c>http.too_large</c>). The default value is 8 MiB.</summary>
    public int PageBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Links from a seed to a page. The default value is 32.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>Characters of a URL. The default value is 2,048; the most is 8,192.</summary>
    public int UrlLength { get; init; } = 2_048;

    /// <summary>Links that are looked at on one page. The default value is 10,000.</summary>
    public int LinksPerPage { get; init; } = 10_000;

    /// <summary>Redirects from a URL to its page. The default value is 5.</summary>
    public int Redirects { get; init; } = 5;

    /// <summary>
    /// Links in a row that lead to a URL which differs from the one before in its numbers alone, such as the next month of a calendar. The default value is 25.
    /// </summary>
    public int Chain { get; init; } = 25;

    /// <summary>How often a path may have the same segment. The default value is 3.</summary>
    public int Repetitions { get; init; } = 3;

    /// <summary>URLs that are remembered: each takes some 50 bytes, and as long as it waits some 300 more. The default value is 1,000,000.</summary>
    public int Urls { get; init; } = 1_000_000;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Pages, 1, "CrawlLimits.Pages");
        ArgumentOutOfRangeException.ThrowIfLessThan(PagesPerHost, 1, "CrawlLimits.PagesPerHost");
        ArgumentOutOfRangeException.ThrowIfLessThan(Bytes, 1, "CrawlLimits.Bytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(PageBytes, 1, "CrawlLimits.PageBytes");
        ArgumentOutOfRangeException.ThrowIfNegative(Depth, "CrawlLimits.Depth");
        ArgumentOutOfRangeException.ThrowIfLessThan(UrlLength, 16, "CrawlLimits.UrlLength");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(UrlLength, 8_192, "CrawlLimits.UrlLength");
        ArgumentOutOfRangeException.ThrowIfNegative(LinksPerPage, "CrawlLimits.LinksPerPage");
        ArgumentOutOfRangeException.ThrowIfNegative(Redirects, "CrawlLimits.Redirects");
        ArgumentOutOfRangeException.ThrowIfLessThan(Chain, 1, "CrawlLimits.Chain");
        ArgumentOutOfRangeException.ThrowIfLessThan(Repetitions, 1, "CrawlLimits.Repetitions");
        ArgumentOutOfRangeException.ThrowIfLessThan(Urls, 1, "CrawlLimits.Urls");
    }
}
