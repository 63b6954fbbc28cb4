namespace Codomyrmex.Networking.Fleet.Internal;

/// <summary>How long things hold. All of it is measured by clocks that only go forward, each machine by its own.</summary>
internal sealed record FleetTiming
{
    public static FleetTiming Default { get; } = new();

    /// <summary>How long a machine may probe after it was last told so, counted from when it asked.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>By how much longer a lease is held to be in force by who gave it: for clocks that do not go alike.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a campaign's grain may give leases after it last wrote down that it is the one to give them.</summary>
    public TimeSpan Authority { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How often a machine renews its lease.</summary>
    public TimeSpan Renewal { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often what a shard found is written down.</summary>
    public TimeSpan Checkpoint { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an agent has its name after it last asked for it. It asks again after a quarter of that.</summary>
    public TimeSpan NameLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often whoever waits for an agent's answer asks whether it still has its name.</summary>
    public TimeSpan NameWatch { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a machine asks which campaigns there are.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a call to a grain may take.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(3);
}
