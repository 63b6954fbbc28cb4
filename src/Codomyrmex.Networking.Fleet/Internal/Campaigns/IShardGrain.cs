using Orleans.Concurrency;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What is known of one shard, on the disk. Its key is <see cref="ShardKey.Of"/>. It does not scan: whichever machine has room does, and commits here.</summary>
internal interface IShardGrain : IGrainWithStringKey
{
    Task<ShardCheckpoint> ReadAsync();

    /// <summary>Writes down what a run found, in one write; when it returns, it is on the disk.</summary>
    Task<ShardTotals> CommitAsync(ShardCommit commit);

    /// <summary>Takes away what is known of it. Its campaign is gone by then, and nothing that is still told of it is written down.</summary>
    Task ForgetAsync();

    /// <summary>The findings from a number on, in the order in which they were made; that order never changes.</summary>
    [ReadOnly]
    Task<FindingRecord[]> FindingsAsync(int from);
}
