namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <inheritdoc cref="IFleetGrain"/>
internal sealed class FleetGrain([PersistentState("fleet")] IPersistentState<FleetDocument> state, TimeProvider clock) : Grain, IFleetGrain
{
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (MachineReport Report, long At)> _machines = [];

    public Task AddAsync(string campaign)
    {
        if (!state.State.Campaigns.Contains(campaign))
            state.State.Campaigns.Add(campaign);
        state.State.Active.Add(campaign);
        return WriteAsync();
    }

    public Task SetActiveAsync(string campaign, bool isActive)
    {
        if (isActive ? !state.State.Active.Add(campaign) : !state.State.Active.Remove(campaign))
            return Task.CompletedTask;
        return WriteAsync();
    }

    public Task RemoveAsync(string campaign) =>
        state.State.Campaigns.Remove(campaign) | state.State.Active.Remove(campaign) ? WriteAsync() : Task.CompletedTask;

    public Task<string[]> PollAsync(MachineReport machine)
    {
        _machines[machine.Machine] = (machine, clock.GetTimestamp());
        return Task.FromResult<string[]>([.. state.State.Active]);
    }

    public Task<string[]> CampaignsAsync() => Task.FromResult<string[]>([.. state.State.Campaigns]);

    public Task<MachineReport[]> MachinesAsync()
    {
        foreach (var (name, machine) in _machines.ToList())
        {
            if (clock.GetElapsedTime(machine.At) > Lately)
                _machines.Remove(name);
        }
        return Task.FromResult<MachineReport[]>([.. _machines.Values.Select(static machine => machine.Report).OrderBy(static machine => machine.Name, StringComparer.Ordinal)]);
    }

    private async Task WriteAsync()
    {
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
}
