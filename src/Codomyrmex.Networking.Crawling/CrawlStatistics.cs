namespace Codomyrmex.Networking.Crawling;

/// <summary>What a run has done so far. A snapshot.</summary>
public sealed record CrawlStatistics
{
    /// <summary>How the run stands to what was known.</summary>
    public required CrawlRunKind Kind { get; init; }

    /// <summary>URLs that an earlier run left out, and that belong to this one: its scope is wider, or its depth greater.</summary>
    public required long Admitted { get; init; }

    /// <summary>Pages handed over, failed ones included.</summary>
    public required long Pages { get; init; }

    /// <summary>Pages among them that failed: no answer, or one beyond a limit.</summary>
    public required long Failed { get; init; }

    /// <summary>Pages among them whose server said that they are as they were (304).</summary>
    public required long NotModified { get; init; }

    /// <summary>Pages among them that were fetched and are as they were.</summary>
    public required long Unchanged { get; init; }

    /// <summary>Pages among them that are other than they were.</summary>
    public required long Changed { get; init; }

    /// <summary>Pages among them whose content another URL had shown already.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Pages among them that say they are missing, with the status of one that is there.</summary>
    public required long SoftNotFound { get; init; }

    /// <summary>Requests sent, for robots.txt and sitemaps too.</summary>
    public required long Requests { get; init; }

    /// <summary>Redirects that were followed.</summary>
    public required long Redirects { get; init; }

    /// <summary>Requests that were sent again.</summary>
    public required long Retries { get; init; }

    /// <summary>Answers that asked to slow down (429, 503).</summary>
    public required long SlowDowns { get; init; }

    /// <summary>Requests that took too long.</summary>
    public required long Timeouts { get; init; }

    /// <summary>Bytes of bodies, decoded.</summary>
    public required long Bytes { get; init; }

    /// <summary>Sitemaps read.</summary>
    public required long Sitemaps { get; init; }

    /// <summary>Sitemaps that could not be read, or not to their end.</summary>
    public required long BrokenSitemaps { get; init; }

    /// <summary>Sessions that were retired because a site blocked them.</summary>
    public required long RetiredSessions { get; init; }

    /// <summary>URLs known: visited, waiting and skipped.</summary>
    public required long Urls { get; init; }

    /// <summary>URLs that wait, those of hosts that are left alone included.</summary>
    public required long Pending { get; init; }

    /// <summary>URLs of hosts that are left alone until the next run.</summary>
    public required long Postponed { get; init; }

    /// <summary>Links and URLs that were not visited, by the reason.</summary>
    public required IReadOnlyDictionary<SkipReason, long> Skipped { get; init; }

    /// <summary>What kept the first host that could not be asked for its robots.txt from being asked; nothing of such a host is visited. Null where there was none.</summary>
    public NetworkException? HostFailure { get; init; }

    /// <summary>How long the run has taken.</summary>
    public required TimeSpan Elapsed { get; init; }
}
