namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What a crawl's grain keeps beside its hosts: little, since it is written every few seconds while leases are given.</summary>
internal sealed class CrawlDocument
{
    /// <summary>How often an activation of the grain has begun.</summary>
    public long Term { get; set; }

    public CampaignState State { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Hosts that found no room.</summary>
    public long Refused { get; set; }

    /// <summary>Whether it is being forgotten: for everybody else it is gone.</summary>
    public bool IsForgotten { get; set; }
}
