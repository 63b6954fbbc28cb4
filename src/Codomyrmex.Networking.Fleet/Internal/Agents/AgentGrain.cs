using Orleans.Placement;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <inheritdoc cref="IAgentGrain"/>
[PreferLocalPlacement]
internal sealed class AgentGrain([PersistentState("agent")] IPersistentState<AgentDocument> state, FleetSite site, TimeProvider clock) : Grain, IAgentGrain
{
    // A name that was lost is shown for a day: somebody may look for it.
    private static readonly TimeSpan Shown = TimeSpan.FromDays(1);

    private NameTenure _tenure = null!;

    private string Name => this.GetPrimaryKeyString();

    private IAgentListGrain List => GrainFactory.GetGrain<IAgentListGrain>(0);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tenure = new NameTenure(state.State, site.Timing, clock);
        return Task.CompletedTask;
    }

    public async Task<AgentGrant> ClaimAsync(AgentClaim claim)
    {
        if (_tenure.Decide(claim) is not { } next)
            return new AgentGrant { HeldBy = _tenure.Written.Machine };
        // One that comes back after a day is no longer in the list.
        if (!_tenure.IsHeld)
            await List.AddAsync(Name);
        await WriteAsync(next);
        return new AgentGrant { Number = next.Number, Time = site.Timing.NameLease };
    }

    public async Task ReleaseAsync(string holder)
    {
        if (_tenure.Written.Holder != holder)
            return;
        await WriteAsync(_tenure.Written with { Holder = "" });
        await List.RemoveAsync(Name);
    }

    public async Task<AgentReport?> FindAsync()
    {
        var (agent, isHeld) = (_tenure.Written, _tenure.IsHeld);
        if (agent.Holder.Length == 0)
            return null;
        if (!isHeld && clock.GetUtcNow() - agent.RenewedAt > Shown)
            await List.RemoveAsync(Name);
        return new AgentReport
        {
            Name = Name,
            Number = agent.Number,
            Machine = agent.Machine,
            Address = agent.Address,
            Pin = agent.Pin,
            Since = agent.Since,
            RenewedAt = agent.RenewedAt,
            IsHeld = isHeld,
        };
    }

    private async Task WriteAsync(AgentDocument next)
    {
        state.State = next;
        try
        {
            await state.WriteStateAsync();
            _tenure.Take(next);
        }
        catch (InconsistentStateException)
        {
            // Another activation has written since: it is the one.
            DeactivateOnIdle();
            throw;
        }
        catch
        {
            // Maybe it was written all the same: then the next one is not, and this grain reads anew.
            state.State = _tenure.Written;
            throw;
        }
    }
}
