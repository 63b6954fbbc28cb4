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

    /// <summary>Where it is over it is gone from now on, but for what is known of its hosts. Whoever asks takes that away, then calls <see cref="ClearAsync"/>.</summary>
    Task<CrawlRemains> ForgetAsync();

    /// <summary>Nothing of it is left but what this grain keeps: that is taken away, and then it is taken out of the list.</summary>
    Task ClearAsync();

    /// <summary>Whether there is such a crawl.</summary>
    [AlwaysInterleave]
    Task<bool> ExistsAsync();

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
