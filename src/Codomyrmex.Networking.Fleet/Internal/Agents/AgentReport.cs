namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>An agent, on its way to who asked.</summary>
[GenerateSerializer, Immutable]
internal sealed record AgentReport
{
    [Id(0)]
    public required string Name { get; init; }

    [Id(1)]
    public long Number { get; init; }

    [Id(2)]
    public required string Machine { get; init; }

    [Id(3)]
    public required string Address { get; init; }

    [Id(4)]
    public required string Pin { get; init; }

    [Id(5)]
    public DateTimeOffset Since { get; init; }

    [Id(6)]
    public DateTimeOffset RenewedAt { get; init; }

    /// <summary>Whether its lease is in force, as far as the name's grain knows.</summary>
    [Id(7)]
    public bool IsHeld { get; init; }
}
