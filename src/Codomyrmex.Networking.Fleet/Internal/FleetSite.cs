using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Fleet.Internal;

/// <summary>The machine that the code runs on: what is its own, and not its campaigns'.</summary>
internal sealed record FleetSite
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>How it reaches the network, without a policy: names are resolved by it.</summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>What its operator allows.</summary>
    public EgressPolicy Policy { get; init; } = EgressPolicy.Unrestricted;

    /// <summary>The most that it sends, of all campaigns together; null for no limit of its own.</summary>
    public int? ProbesPerSecond { get; init; }

    /// <summary>Whether it is a fleet by itself: nobody else has its state.</summary>
    public bool IsAlone { get; init; }

    public FleetTiming Timing { get; init; } = FleetTiming.Default;
}
