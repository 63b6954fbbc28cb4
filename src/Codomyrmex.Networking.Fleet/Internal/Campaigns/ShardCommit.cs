namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What a run found out since its last one: findings and what is done, in one.</summary>
[GenerateSerializer, Immutable]
internal sealed record ShardCommit
{
    /// <summary>How many cells the shard has.</summary>
    [Id(0)]
    public int Cells { get; init; }

    [Id(1)]
    public FindingRecord[] Open { get; init; } = [];

    [Id(2)]
    public int[] Closed { get; init; } = [];

    [Id(3)]
    public int[] Filtered { get; init; } = [];

    [Id(4)]
    public int[] OpenOrFiltered { get; init; } = [];

    /// <summary>Probes sent since.</summary>
    [Id(5)]
    public long Probes { get; init; }

    /// <summary>Whether the run came to its end: what it did not tell of is not to be asked.</summary>
    [Id(6)]
    public bool IsComplete { get; init; }

    public bool IsEmpty => !IsComplete && Open.Length + Closed.Length + Filtered.Length + OpenOrFiltered.Length == 0;
}
