namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What a <see cref="CampaignIndexGrain"/> keeps.</summary>
[GenerateSerializer]
internal sealed class CampaignIndexState
{
    [Id(0)]
    public List<string> Campaigns { get; set; } = [];
}
