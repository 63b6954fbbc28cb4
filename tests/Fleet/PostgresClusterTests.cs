using Codomyrmex.Networking.Tests.Fleet.Fixtures;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>Two machines that share a PostgreSQL.</summary>
[Collection(LabFixture.Name)]
public sealed class PostgresClusterTests
{
    private const int Patience = 120_000;
    private const string Ports = "1-60,80,443";

    [Fact(Timeout = Patience)]
    public async Task Machines_that_share_a_PostgreSQL_find_what_nmap_finds_also_where_it_is_killed_and_comes_back()
    {
        await using var lab = await FleetLab.StartAsync(usesPostgres: true);
        using var told = TestContext.Current.CancellationToken.Register(() => TestContext.Current.TestOutputHelper?.WriteLine(lab.Story()));
        var expected = await lab.NmapAsync(Ports);
        Assert.Equal(8 * (16 + 12 + 12), expected.Length);
        await lab.HaveMachinesAsync(2);
        var before = lab.Probes(0).Lines;
        await using var scan = lab.Scan("-p", Ports, "--rate", "1500", "--discover", "never");
        await lab.SeesAsync(1500);
        await lab.RestartStoreAsync();
        Assert.Equal(expected, ClusterTests.Found(await scan.EndAsync(TestContext.Current.CancellationToken)));
        var probes = lab.Probes(before);
        Assert.Equal(2, probes.Machines.Count());
        probes.Holds(1500, 1500, 1500);
    }
}
