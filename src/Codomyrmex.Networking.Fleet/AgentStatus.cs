namespace Codomyrmex.Networking.Fleet;

/// <summary>An agent of a fleet, as its name's lease says.</summary>
public sealed record AgentStatus
{
    /// <summary>The name that it is called by.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its lease is in force. One whose lease is over is shown for a day, unless it gave its name back.</summary>
    public required bool IsUp { get; init; }

    /// <summary>What its machine is called.</summary>
    public required string Machine { get; init; }

    /// <summary>Where it listens: address and port.</summary>
    public required string Address { get; init; }

    /// <summary>The number under which it has its name (<see cref="FleetAgent.Number"/>).</summary>
    public required long Number { get; init; }

    /// <summary>Since when it has it.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it last renewed its lease.</summary>
    public required DateTimeOffset RenewedAt { get; init; }
}
