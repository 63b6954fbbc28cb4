using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>A machine on its own, with its state in a file.</summary>
public sealed class SingleSiloTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Campaign_finds_what_a_scan_finds_and_is_there_when_the_machine_starts_again()
    {
        using var folder = new ServerFolder();
        await using var lab = await ScanLab.StartAsync();
        await lab.AnswerForNetworkAsync();
        await lab.ListenAsync("22,80,443");
        var targets = ScanTargets.Parse(lab.Network).Excluding(lab.Address[..^1] + "0", lab.Address[..^1] + "1", lab.Address[..^1] + "255");
        var options = new FleetOptions { StatePath = folder["state.db"], MachinePort = ServerProcess.FreePort(), GatewayPort = ServerProcess.FreePort() };
        string id;
        List<PortResult> found;
        await using (var node = await FleetNode.StartAsync(options, Stop))
        {
            id = await node.Client.StartAsync(new CampaignPlan { Targets = targets, Ports = PortSet.Parse("1-40,80,443"), ProbesPerSecond = PortScannerOptions.Unlimited }, Stop);
            found = await node.Client.FindingsAsync(id, follow: true, Stop).ToListAsync(Stop);
        }
        var scan = await new PortScanner(new PortScannerOptions { ProbesPerSecond = PortScannerOptions.Unlimited })
            .ScanAsync(new ScanPlan { Targets = targets, Ports = PortSet.Parse("1-40,80,443") }, Stop);
        var expected = scan.Results.Select(static result => $"{result.Address}:{result.Port}").Order().ToList();
        Assert.Equal(252 * 3, expected.Count);
        Assert.Equal(expected, found.Select(static result => $"{result.Address}:{result.Port}").Order());
        await using var again = await FleetNode.StartAsync(options, Stop);
        var status = await again.Client.GetCampaignAsync(id, Stop);
        Assert.Equal((CampaignState.Completed, status.Cells, 252L * 3), (status.State, status.CellsDone, status.Open));
        var kept = await again.Client.FindingsAsync(id, cancellationToken: Stop).Select(static result => $"{result.Address}:{result.Port}").ToListAsync(Stop);
        Assert.Equal(expected, kept.Order());
    }
}
