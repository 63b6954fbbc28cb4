using Orleans.Concurrency;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>Which campaigns there are, and which machines have asked lately. One for the whole fleet, its key is 0.</summary>
internal interface IFleetGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a campaign in.</summary>
    Task AddAsync(string campaign);

    /// <summary>A campaign goes on, or does not.</summary>
    Task SetActiveAsync(string campaign, bool isActive);

    /// <summary>Takes a campaign out.</summary>
    Task RemoveAsync(string campaign);

    /// <summary>A machine tells that it is there, and learns which campaigns go on.</summary>
    [AlwaysInterleave]
    Task<string[]> PollAsync(MachineReport machine);

    /// <summary>All campaigns, oldest first.</summary>
    [AlwaysInterleave]
    Task<string[]> CampaignsAsync();

    /// <summary>The machines that have asked within the last seconds.</summary>
    [AlwaysInterleave]
    Task<MachineReport[]> MachinesAsync();
}
