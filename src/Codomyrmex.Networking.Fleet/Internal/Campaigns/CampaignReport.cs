namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>A campaign as it stands, on its way to who asked.</summary>
[GenerateSerializer, Immutable]
internal sealed record CampaignReport
{
    [Id(0)]
    public required string Id { get; init; }

    [Id(1)]
    public required string Name { get; init; }

    [Id(2)]
    public int State { get; init; }

    [Id(3)]
    public int PlanVersion { get; init; }

    [Id(4)]
    public DateTimeOffset StartedAt { get; init; }

    [Id(5)]
    public DateTimeOffset? EndedAt { get; init; }

    [Id(6)]
    public required string Targets { get; init; }

    [Id(7)]
    public required string Ports { get; init; }

    [Id(8)]
    public long Hosts { get; init; }

    [Id(9)]
    public int Shards { get; init; }

    [Id(10)]
    public int ShardsDone { get; init; }

    [Id(11)]
    public required ShardTotals Totals { get; init; }

    [Id(12)]
    public long Done { get; init; }

    [Id(13)]
    public int? Cap { get; init; }

    [Id(14)]
    public int? PerHost { get; init; }

    [Id(15)]
    public int? PerNetwork { get; init; }

    [Id(16)]
    public double Lent { get; init; }

    [Id(17)]
    public MachineReport[] Machines { get; init; } = [];

    [Id(18)]
    public double Waits { get; init; }
}
