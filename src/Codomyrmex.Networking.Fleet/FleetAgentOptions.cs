using System.Net;

namespace Codomyrmex.Networking.Fleet;

/// <summary>How an agent takes part in a fleet. Immutable.</summary>
public sealed record FleetAgentOptions
{
    /// <summary>The defaults.</summary>
    public static FleetAgentOptions Default { get; } = new();

    /// <summary>The address to listen at; others reach the agent by that. The default value is null: that of the machine or program that serves it.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The port to listen at. The default value is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// How long to wait for a name that another agent has. Within the default value of 40 seconds, that of a machine that was killed becomes free. <see cref="TimeSpan.Zero"/> asks once;
    /// with <see cref="Timeout.InfiniteTimeSpan"/> the agent stands by until it is needed.
    /// </summary>
    public TimeSpan ClaimTimeout { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (Address is not null && (Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any)))
            throw new ArgumentException("FleetAgentOptions.Address: others reach the agent by this address, so it cannot be all of them.", nameof(Address));
        ArgumentOutOfRangeException.ThrowIfNegative(Port, "FleetAgentOptions.Port");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, 65535, "FleetAgentOptions.Port");
        if (ClaimTimeout < TimeSpan.Zero && ClaimTimeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException("FleetAgentOptions.ClaimTimeout", ClaimTimeout, "It is not negative, or Timeout.InfiniteTimeSpan.");
    }
}
