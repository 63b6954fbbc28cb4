using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>What a server may not make the client keep. Alone: the memory of the process is what is looked at.</summary>
[Collection(nameof(FloodTests)), CollectionDefinition(nameof(FloodTests), DisableParallelization = true)]
public class FloodTests
{
    [Fact, Trait("Cve", "51")]
    public async Task Flood_of_banners_is_cut_off()
    {
        await using var server = HostileServer.Start(async peer =>
        {
            await peer.HandshakeAsync();
            await peer.ReceiveAsync(5);
            await peer.SendAsync(new WireWriter().Byte(6).Text("ssh-userauth"));
            await peer.ReceiveAsync(50);
            while (true)
                await peer.SendAsync(new WireWriter().Byte(53).Text(new string('x', 20_000)).Text(""));
        });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var error = await server.RefusedAsync(server.Options with { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(3), Total = TimeSpan.FromSeconds(3) } });
        Assert.True(error is SSHException or NetworkTimeoutException);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 20_000_000);
    }
}
