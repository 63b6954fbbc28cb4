using Codomyrmex.Networking.Fleet.Internal.Campaigns;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>A crawl as it stands, on its way to who asked.</summary>
[GenerateSerializer, Immutable]
internal sealed record CrawlReport
{
    [Id(0)]
    public required string Id { get; init; }

    [Id(1)]
    public required string Name { get; init; }

    [Id(2)]
    public int State { get; init; }

    [Id(3)]
    public DateTimeOffset StartedAt { get; init; }

    [Id(4)]
    public DateTimeOffset? EndedAt { get; init; }

    [Id(5)]
    public required string Seeds { get; init; }

    [Id(6)]
    public int Hosts { get; init; }

    [Id(7)]
    public int HostsDone { get; init; }

    [Id(8)]
    public long HostsRefused { get; init; }

    [Id(9)]
    public required HostTotals Totals { get; init; }

    [Id(10)]
    public double Waits { get; init; }

    [Id(11)]
    public MachineReport[] Machines { get; init; } = [];
}
