
namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <inheritdoc cref="ICampaignIndexGrain"/>
internal sealed class CampaignIndexGrain([PersistentState("index")] IPersistentState<CampaignIndexState> state) : Grain, ICampaignIndexGrain
{
    public async Task AddAsync(string campaign)
    {
        if (state.State.Campaigns.Contains(campaign))
            return;
        state.State.Campaigns.Add(campaign);
        await state.WriteStateAsync();
    }

    public Task<string[]> ListAsync() => Task.FromResult<string[]>([.. state.State.Campaigns]);
}
