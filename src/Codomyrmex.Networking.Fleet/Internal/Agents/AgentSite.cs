using System.Net;
using Codomyrmex.Networking.Fleet.Internal.Hosting;

namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>Where agents of this process are, and what they and callers here show each other.</summary>
internal sealed record AgentSite
{
    /// <summary>What people call the machine.</summary>
    public required string Machine { get; init; }

    /// <summary>The address that agents listen at where they name no other.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Null where the fleet has none: then agents and callers are on this machine.</summary>
    public FleetCertificates? Certificates { get; init; }

    public FleetTiming Timing { get; init; } = FleetTiming.Default;

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
