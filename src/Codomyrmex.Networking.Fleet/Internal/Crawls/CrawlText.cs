namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>A crawl's plan as it is sent to the fleet and kept: in texts and numbers, so that no type of ours is bound to the wire.</summary>
[GenerateSerializer, Immutable]
internal sealed record CrawlText
{
    [Id(0)]
    public string Name { get; init; } = "";

    /// <summary>URLs in their one spelling.</summary>
    [Id(1)]
    public string[] Seeds { get; init; } = [];

    [Id(2)]
    public bool Subdomains { get; init; }

    [Id(3)]
    public bool AnyHost { get; init; }

    [Id(4)]
    public string[] Hosts { get; init; } = [];

    [Id(5)]
    public string[] Include { get; init; } = [];

    [Id(6)]
    public string[] Exclude { get; init; } = [];

    /// <summary>Pages of the whole crawl.</summary>
    [Id(7)]
    public int Pages { get; init; }

    [Id(8)]
    public int PagesPerHost { get; init; }

    /// <summary>Bytes of the whole crawl.</summary>
    [Id(9)]
    public long Bytes { get; init; }

    [Id(10)]
    public int PageBytes { get; init; }

    [Id(11)]
    public int Depth { get; init; }

    [Id(12)]
    public int UrlLength { get; init; }

    [Id(13)]
    public int LinksPerPage { get; init; }

    [Id(14)]
    public int Redirects { get; init; }

    [Id(15)]
    public int Chain { get; init; }

    [Id(16)]
    public int Repetitions { get; init; }

    /// <summary>URLs of each host.</summary>
    [Id(17)]
    public int Urls { get; init; }

    [Id(18)]
    public bool ObeyRobots { get; init; }

    [Id(19)]
    public int Concurrency { get; init; }

    [Id(20)]
    public TimeSpan Delay { get; init; }

    [Id(21)]
    public double Jitter { get; init; }

    [Id(22)]
    public bool AutoThrottle { get; init; }

    [Id(23)]
    public double TargetConcurrency { get; init; }

    [Id(24)]
    public TimeSpan MaxDelay { get; init; }

    [Id(25)]
    public TimeSpan BackOff { get; init; }

    [Id(26)]
    public TimeSpan MaxRetryAfter { get; init; }

    [Id(27)]
    public int Retries { get; init; }

    [Id(28)]
    public int FailuresInARow { get; init; }

    [Id(29)]
    public TimeSpan RobotsLifetime { get; init; }

    [Id(30)]
    public bool IgnoreOrder { get; init; }

    [Id(31)]
    public string[] IgnoredParameters { get; init; } = [];

    [Id(32)]
    public string Policy { get; init; } = "";

    [Id(33)]
    public string? UserAgent { get; init; }

    /// <summary>Name, version and contact of who crawls; empty for nobody.</summary>
    [Id(34)]
    public string[] Identity { get; init; } = [];

    [Id(35)]
    public string[] ContentTypes { get; init; } = [];

    [Id(36)]
    public bool UseSitemaps { get; init; }

    [Id(37)]
    public bool FollowNoFollow { get; init; }

    [Id(38)]
    public bool FollowDuplicates { get; init; }

    [Id(39)]
    public bool DetectSoftNotFound { get; init; }
}
