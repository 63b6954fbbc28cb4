using Orleans.Placement;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <inheritdoc cref="IShardGrain"/>
[PreferLocalPlacement]
internal sealed class ShardGrain([PersistentState("shard")] IPersistentState<ShardDocument> state) : Grain, IShardGrain
{
    private const int PageLength = 10_000;

    public Task<ShardCheckpoint> ReadAsync() => Task.FromResult(new ShardCheckpoint([.. state.State.Done], state.State.Totals));

    public async Task<ShardTotals> CommitAsync(ShardCommit commit)
    {
        // Of a machine that has not heard yet that the campaign is over and gone: nobody would ever take that away.
        if (!state.RecordExists && !await GrainFactory.GetGrain<ICampaignGrain>(ShardKey.CampaignOf(this.GetPrimaryKeyString())).ExistsAsync())
            return state.State.Totals;
        try
        {
            state.State.Take(commit);
            await state.WriteStateAsync();
        }
        catch
        {
            // What is in memory may not be on the disk: whoever asks next reads it anew.
            DeactivateOnIdle();
            throw;
        }
        return state.State.Totals;
    }

    public async Task ForgetAsync()
    {
        DeactivateOnIdle();
        if (state.RecordExists)
            await state.ClearStateAsync();
    }

    public Task<FindingRecord[]> FindingsAsync(int from) => Task.FromResult<FindingRecord[]>([.. state.State.Findings.Skip(from).Take(PageLength)]);
}
