namespace Codomyrmex.Networking.Fleet;

/// <summary>One machine of a fleet, as it has told last.</summary>
public sealed record MachineStatus
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Its address and port, and when it was started.</summary>
    public required string Address { get; init; }

    /// <summary>Probes a second that it may send; infinite for no limit.</summary>
    public required double Allowed { get; init; }

    /// <summary>Probes a second that it has sent lately.</summary>
    public required double ProbesPerSecond { get; init; }

    /// <summary>Shards that it is scanning.</summary>
    public required int Shards { get; init; }

    /// <summary>Hosts that it is crawling.</summary>
    public required int Hosts { get; init; }
}
