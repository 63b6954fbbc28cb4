using System.Net;

namespace Codomyrmex.Networking.Fleet;

/// <summary>How a machine takes part in a fleet. Immutable.</summary>
public sealed record FleetOptions
{
    /// <summary>The file that keeps the state of a machine on its own; its owner alone can read it. It is made where it is missing.</summary>
    public required string StatePath { get; init; }

    /// <summary>The address to listen at for other machines and for programs. The default value is the loopback address.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port for other machines; 0 takes a free one. The default value is 11111.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>The port for programs; 0 takes a free one. The default value is 30000.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(StatePath, "FleetOptions.StatePath");
        ArgumentNullException.ThrowIfNull(Address, "FleetOptions.Address");
        ArgumentOutOfRangeException.ThrowIfLessThan(SiloPort, 0, "FleetOptions.SiloPort");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SiloPort, 65535, "FleetOptions.SiloPort");
        ArgumentOutOfRangeException.ThrowIfLessThan(GatewayPort, 0, "FleetOptions.GatewayPort");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(GatewayPort, 65535, "FleetOptions.GatewayPort");
    }
}
