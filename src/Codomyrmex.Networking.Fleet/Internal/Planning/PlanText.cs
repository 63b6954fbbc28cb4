namespace Codomyrmex.Networking.Fleet.Internal.Planning;

/// <summary>A plan as it is sent to the fleet: in the texts that files and arguments have, so that no type of ours is bound to the wire.</summary>
[GenerateSerializer, Immutable]
internal sealed record PlanText
{
    [Id(0)]
    public required string Name { get; init; }

    [Id(1)]
    public required string[] Targets { get; init; }

    [Id(2)]
    public required string[] Exclusions { get; init; }

    [Id(3)]
    public required string Ports { get; init; }

    [Id(4)]
    public string? Scope { get; init; }

    [Id(5)]
    public required string Policy { get; init; }

    [Id(6)]
    public int? Rate { get; init; }

    [Id(7)]
    public int? PerHost { get; init; }

    [Id(8)]
    public int? PerNetwork { get; init; }

    [Id(9)]
    public ulong Seed { get; init; }

    [Id(10)]
    public int Mode { get; init; }

    [Id(11)]
    public int Discovery { get; init; }

    [Id(12)]
    public int Retries { get; init; }

    [Id(13)]
    public bool AskServices { get; init; }

    [Id(14)]
    public bool AskTls { get; init; }
}
