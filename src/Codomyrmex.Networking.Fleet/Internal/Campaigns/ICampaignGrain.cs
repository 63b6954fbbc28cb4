using Codomyrmex.Networking.Fleet.Internal.Planning;
using Orleans.Concurrency;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>
/// One campaign: its plan, who has which shard, and the rate that all machines share. It gives leases; the machines come and ask. Its key is the campaign's
/// name for programs.
/// </summary>
internal interface ICampaignGrain : IGrainWithStringKey
{
    /// <summary>Begins the campaign, or gives one that there is another plan: what it has done is not done again. Names are looked up between calls, so that no machine waits.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="request">A name of its own: who asks again, since no answer came, changes nothing.</param>
    /// <param name="mustBeNew">Whether the campaign begins.</param>
    Task<PlanReply> PlanAsync(PlanText plan, string request, bool mustBeNew);

    /// <summary>Pauses, resumes or cancels.</summary>
    Task<Refusal?> SetStateAsync(CampaignState state);

    /// <summary>Where it is over it is gone from now on, but for what it leaves behind. Whoever asks takes that away, then calls <see cref="ClearAsync"/>.</summary>
    Task<CampaignRemains> ForgetAsync();

    /// <summary>Nothing of it is left but what this grain keeps: that is taken away, and then it is taken out of the list.</summary>
    Task ClearAsync();

    /// <summary>Whether there is such a campaign.</summary>
    [AlwaysInterleave]
    Task<bool> ExistsAsync();

    /// <summary>A machine asks for its share.</summary>
    Task<RenewReply> RenewAsync(RenewRequest request);

    /// <summary>How it stands; null where there is no such campaign.</summary>
    [AlwaysInterleave]
    Task<CampaignReport?> ReportAsync();

    /// <summary>Which shards have more findings than at an earlier time; null where there is no such campaign.</summary>
    /// <param name="since">The version of the index that is known; 0 for none.</param>
    [AlwaysInterleave]
    Task<FoundIndex<ShardKey>?> FindingsAsync(long since);
}
