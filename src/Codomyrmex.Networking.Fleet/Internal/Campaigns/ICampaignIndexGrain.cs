namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>Which campaigns there are. One for the whole fleet, its key is 0.</summary>
internal interface ICampaignIndexGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a campaign in.</summary>
    Task AddAsync(string campaign);

    /// <summary>All campaigns, oldest first.</summary>
    Task<string[]> ListAsync();
}
