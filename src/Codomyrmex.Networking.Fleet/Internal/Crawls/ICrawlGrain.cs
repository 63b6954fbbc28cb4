using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Orleans.Concurrency;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>
/// One crawl: its plan, its hosts, and who has which. It gives leases; the machines come and ask. It calls no host's grain, since those call it. Its key is the crawl's name for programs.
/// </summary>
internal interface ICrawlGrain : IGrainWithStringKey
{
    /// <summary>Begins the crawl; nothing happens where it has begun.</summary>
    Task<bool> StartAsync(CrawlText plan);

    /// <summary>Pauses, resumes or cancels.</summary>
    Task<Refusal?> SetStateAsync(CampaignState state);

    /// <summary>A machine asks for hosts.</summary>
    Task<CrawlReply> RenewAsync(CrawlRequest request);

    /// <summary>There is something to do at a host. When it returns, that is on the disk.</summary>
    /// <param name="origin">The host.</param>
    /// <param name="urls">How many URLs it has by that.</param>
    /// <returns>False where there is no room for another host.</returns>
    Task<bool> WakeAsync(string origin, int urls);

    /// <summary>How it stands; null where there is no such crawl.</summary>
    [AlwaysInterleave]
    Task<CrawlReport?> ReportAsync();

    /// <summary>Which hosts have more pages than at an earlier time; null where there is no such crawl.</summary>
    /// <param name="since">The version of the index that is known; 0 for none.</param>
    [AlwaysInterleave]
    Task<FoundIndex<string>?> PagesAsync(long since);
}
