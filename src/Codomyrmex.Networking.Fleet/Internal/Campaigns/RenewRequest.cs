namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>A machine asks for its share of a campaign, and tells how far it is.</summary>
[GenerateSerializer, Immutable]
internal sealed record RenewRequest
{
    /// <summary>The machine, and when it was started: who starts again is another one.</summary>
    [Id(0)]
    public required string Machine { get; init; }

    /// <summary>Its name, for people.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>Counts the requests of this machine, so that one which was overtaken is recognised.</summary>
    [Id(2)]
    public long Sequence { get; init; }

    /// <summary>The number of the loan that it goes by; 0 for none.</summary>
    [Id(3)]
    public long Applied { get; init; }

    /// <summary>Probes a second that it could send; null for no limit of its own.</summary>
    [Id(4)]
    public double? Wants { get; init; }

    /// <summary>Whether it has room for another shard.</summary>
    [Id(5)]
    public bool HasRoom { get; init; }

    /// <summary>Its shards, as they are written down.</summary>
    [Id(6)]
    public ShardProgress[] Shards { get; init; } = [];

    /// <summary>Probes a second that it has sent lately.</summary>
    [Id(7)]
    public double Rate { get; init; }

    /// <summary>Whether it stops: its shards are free at once.</summary>
    [Id(8)]
    public bool IsLeaving { get; init; }
}
