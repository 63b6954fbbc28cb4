using Codomyrmex.Networking.Fleet.Internal.Planning;
using Orleans.Placement;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <inheritdoc cref="IPlanGrain"/>
[PreferLocalPlacement]
internal sealed class PlanGrain([PersistentState("plan")] IPersistentState<PlanDocument> state) : Grain, IPlanGrain
{
    public async Task<PlanDocument> WriteAsync(PlanDocument plan)
    {
        if (state.RecordExists)
            return state.State;
        state.State = plan;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
        return plan;
    }

    public Task<PlanDocument> ReadAsync() => Task.FromResult(state.State);

    public async Task ForgetAsync()
    {
        DeactivateOnIdle();
        if (state.RecordExists)
            await state.ClearStateAsync();
    }
}
