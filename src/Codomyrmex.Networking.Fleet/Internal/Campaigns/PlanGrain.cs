using Codomyrmex.Networking.Fleet.Internal.Planning;
using Orleans.Placement;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <inheritdoc cref="IPlanGrain"/>
[PreferLocalPlacement]
internal sealed class PlanGrain([PersistentState("plan")] IPersistentState<PlanDocument> state) : Grain, IPlanGrain
{
    public async Task WriteAsync(PlanDocument plan)
    {
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
    }

    public Task<PlanDocument> ReadAsync() => Task.FromResult(state.State);
}
