using Codomyrmex.Networking.Crawling;

namespace Codomyrmex.Networking.Fleet;

/// <summary>How far a crawl of the fleet has come. What is counted is written down; what is under way beyond that is not.</summary>
public sealed record CrawlStatus
{
    /// <summary>Its name for programs.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it goes on.</summary>
    public required CampaignState State { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The URLs it began at; of many, the first ones.</summary>
    public required string Seeds { get; init; }

    /// <summary>Hosts that are known.</summary>
    public required int Hosts { get; init; }

    /// <summary>Of these, how many have nothing left to do, for now.</summary>
    public required int HostsDone { get; init; }

    /// <summary>How often a URL of another host found no room (<see cref="CrawlPlan.MostHosts"/>).</summary>
    public required long HostsRefused { get; init; }

    /// <summary>Pages visited, failed ones included.</summary>
    public required long Pages { get; init; }

    /// <summary>Pages among them that failed: no answer, or one beyond a limit.</summary>
    public required long Failed { get; init; }

    /// <summary>Pages among them whose content another URL of their host had shown already.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Pages among them that say they are missing, with the status of one that is there.</summary>
    public required long SoftNotFound { get; init; }

    /// <summary>Bytes of bodies, decoded.</summary>
    public required long Bytes { get; init; }

    /// <summary>Requests sent, for robots.txt and sitemaps too, as far as they are written down.</summary>
    public required long Requests { get; init; }

    /// <summary>Redirects that were followed.</summary>
    public required long Redirects { get; init; }

    /// <summary>Requests that were sent again.</summary>
    public required long Retries { get; init; }

    /// <summary>Answers that asked to slow down (429, 503).</summary>
    public required long SlowDowns { get; init; }

    /// <summary>URLs known: visited and waiting.</summary>
    public required long Urls { get; init; }

    /// <summary>URLs that wait.</summary>
    public required long Pending { get; init; }

    /// <summary>URLs among them of hosts that are left alone.</summary>
    public required long Postponed { get; init; }

    /// <summary>Links and URLs that were not visited, by the reason. A host that another machine takes over may count some again.</summary>
    public required IReadOnlyDictionary<SkipReason, long> Skipped { get; init; }

    /// <summary>How long nobody may ask yet, after the machine that gave leave was lost; usually zero.</summary>
    public required TimeSpan Waits { get; init; }

    /// <summary>The machines that work on it.</summary>
    public required IReadOnlyList<MachineStatus> Machines { get; init; }
}
