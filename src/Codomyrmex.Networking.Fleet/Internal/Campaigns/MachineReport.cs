namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>A machine as it stands, on its way to who asked.</summary>
[GenerateSerializer, Immutable]
internal sealed record MachineReport
{
    [Id(0)]
    public required string Machine { get; init; }

    [Id(1)]
    public required string Name { get; init; }

    [Id(2)]
    public double Lent { get; init; }

    [Id(3)]
    public double Rate { get; init; }

    [Id(4)]
    public int Shards { get; init; }

    /// <summary>Hosts that it crawls.</summary>
    [Id(5)]
    public int Hosts { get; init; }
}
