using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>A machine on its own, with its state in a file.</summary>
public sealed class SingleSiloTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task State_is_there_when_the_machine_starts_again()
    {
        using var folder = new ServerFolder();
        var options = new FleetOptions { StatePath = folder["state.db"], SiloPort = ServerProcess.FreePort(), GatewayPort = ServerProcess.FreePort() };
        await using (var node = await FleetNode.StartAsync(options, Stop))
        {
            await node.Grains.GetGrain<ICampaignIndexGrain>(0).AddAsync("first");
            await node.Grains.GetGrain<ICampaignIndexGrain>(0).AddAsync("second");
        }
        await using var again = await FleetNode.StartAsync(options, Stop);
        Assert.Equal(["first", "second"], await again.Grains.GetGrain<ICampaignIndexGrain>(0).ListAsync());
    }
}
