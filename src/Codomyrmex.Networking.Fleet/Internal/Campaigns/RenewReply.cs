namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>What a machine may do for a while.</summary>
[GenerateSerializer, Immutable]
internal sealed record RenewReply
{
    /// <summary>The number of the loan; 0 for none.</summary>
    [Id(0)]
    public long Number { get; init; }

    /// <summary>Probes a second; infinite for no limit.</summary>
    [Id(1)]
    public double Rate { get; init; }

    /// <summary>How long, from when the machine asked.</summary>
    [Id(2)]
    public TimeSpan Time { get; init; }

    [Id(3)]
    public string PlanKey { get; init; } = "";

    /// <summary>The shards that are the machine's: all others it leaves alone.</summary>
    [Id(4)]
    public ShardKey[] Shards { get; init; } = [];

    /// <summary>When to ask again.</summary>
    [Id(5)]
    public TimeSpan Next { get; init; }

    /// <summary>Whether there is nothing to do here any more.</summary>
    [Id(6)]
    public bool IsOver { get; init; }
}
