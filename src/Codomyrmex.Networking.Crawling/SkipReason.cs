namespace Codomyrmex.Networking.Crawling;

/// <summary>Why a URL that was found is not visited.</summary>
public enum SkipReason
{
    /// <summary>It lies outside of <see cref="CrawlScope"/>.</summary>
    Scope,

    /// <summary>robots.txt forbids it.</summary>
    Robots,

    /// <summary>It is more links away than <see cref="CrawlLimits.Depth"/>.</summary>
    Depth,

    /// <summary>It is longer than <see cref="CrawlLimits.UrlLength"/>.</summary>
    UrlLength,

    /// <summary>Links that ask not to be followed: <c>rel=nofollow</c>, <c>meta name=robots</c>, <c>X-Robots-Tag</c>.</summary>
    NoFollow,

    /// <summary>Its path says the same again and again (<see cref="CrawlLimits.Repetitions"/>): relative links that lead ever deeper.</summary>
    Repetition,

    /// <summary>It ends a long chain of URLs that differ in their numbers alone (<see cref="CrawlLimits.Chain"/>): a calendar without end.</summary>
    Chain,

    /// <summary>It ends a chain of too many redirects (<see cref="CrawlLimits.Redirects"/>).</summary>
    Redirects,

    /// <summary>The page has more links than <see cref="CrawlLimits.LinksPerPage"/>.</summary>
    LinksPerPage,

    /// <summary>As many URLs are known as <see cref="CrawlLimits.Urls"/> allows.</summary>
    Urls,

    /// <summary>As many pages of its host were visited as <see cref="CrawlLimits.PagesPerHost"/> allows.</summary>
    PagesPerHost,

    /// <summary>Links of a page whose content another URL has shown already.</summary>
    Duplicate,

    /// <summary>Links of a page that says it is missing, but with the status of one that is there.</summary>
    SoftNotFound,

    /// <summary>The egress policy denies its host, or where the host's robots.txt is.</summary>
    Policy,
}
