namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>How many of a shard's cells are in which state, as they are written down.</summary>
[GenerateSerializer, Immutable]
internal sealed record ShardTotals
{
    [Id(0)]
    public long Cells { get; init; }

    [Id(1)]
    public long Open { get; init; }

    [Id(2)]
    public long Closed { get; init; }

    [Id(3)]
    public long Filtered { get; init; }

    [Id(4)]
    public long OpenOrFiltered { get; init; }

    [Id(5)]
    public long Probes { get; init; }

    [Id(6)]
    public bool IsComplete { get; init; }

    public static ShardTotals None { get; } = new();

    /// <summary>Cells that are done; all, where the shard is: of hosts that are down, none is known.</summary>
    public long Done => IsComplete ? Cells : Open + Closed + Filtered + OpenOrFiltered;

    public static ShardTotals operator +(ShardTotals one, ShardTotals other) => new()
    {
        Cells = one.Cells + other.Cells,
        Open = one.Open + other.Open,
        Closed = one.Closed + other.Closed,
        Filtered = one.Filtered + other.Filtered,
        OpenOrFiltered = one.OpenOrFiltered + other.OpenOrFiltered,
        Probes = one.Probes + other.Probes,
    };
}
