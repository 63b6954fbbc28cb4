using Codomyrmex.Networking.Fleet.Internal.Planning;
using Orleans.Concurrency;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>
/// One campaign: its plan, who has which shard, and the rate that all machines share. It gives leases; the machines come and ask. Its key is the campaign's
/// name for programs.
/// </summary>
internal interface ICampaignGrain : IGrainWithStringKey
{
    /// <summary>Begins the campaign, or gives one that there is another plan: what it has done is not done again. Null where that is done.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="request">A name of its own: who asks again, since no answer came, changes nothing.</param>
    /// <param name="mustBeNew">Whether the campaign begins.</param>
    Task<Refusal?> PlanAsync(PlanText plan, string request, bool mustBeNew);

    /// <summary>Pauses, resumes or cancels.</summary>
    Task<Refusal?> SetStateAsync(CampaignState state);

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
