namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <inheritdoc cref="IAgentListGrain"/>
internal sealed class AgentListGrain([PersistentState("agents")] IPersistentState<AgentListDocument> state) : Grain, IAgentListGrain
{
    public Task AddAsync(string name) => state.State.Names.Add(name) ? WriteAsync() : Task.CompletedTask;

    public Task RemoveAsync(string name) => state.State.Names.Remove(name) ? WriteAsync() : Task.CompletedTask;

    public Task<string[]> NamesAsync() => Task.FromResult<string[]>([.. state.State.Names]);

    private async Task WriteAsync()
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // What is in memory may not be on the disk: whoever asks next reads it anew.
            DeactivateOnIdle();
            throw;
        }
    }
}
