using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.WebSockets;
using static Codomyrmex.Networking.Tests.Integration.WebSockets.WebSocketTalk;

namespace Codomyrmex.Networking.Tests.Integration.WebSockets;

/// <summary>The client with Kestrel and ASP.NET's WebSockets, which pings every 100 ms.</summary>
public class KestrelTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task Messages_of_all_lengths_go_there_and_back(bool compresses)
    {
        await using var server = await KestrelServer.StartAsync();
        await using var ws = await WebSocketClient.ConnectAsync(server.Url, new WebSocketOptions
        {
            Compression = compresses ? WebSocketCompression.Default : null,
            Subprotocols = ["first", "second"],
        }, Stop);
        Assert.Equal((compresses, "second"), (ws.IsCompressed, ws.Subprotocol));
        await AssertEchoesAsync(ws);
        Assert.True(await ws.PingAsync(Stop) > TimeSpan.Zero);
        await ws.CloseAsync(WebSocketCloseCode.GoingAway, "bye", Stop);
        Assert.Equal((1001, "bye"), ((int?)(await server.Closed).Code, (await server.Closed).Reason));
    }

    [Fact]
    public async Task Its_close_and_its_loss_are_told()
    {
        await using var server = await KestrelServer.StartAsync();
        await using (var ws = await WebSocketClient.ConnectAsync(server.Url, null, Stop))
        {
            await ws.SendAsync("close 1008 not you", Stop);
            var error = await Assert.ThrowsAsync<WebSocketException>(async () => await ws.ReceiveAsync(Stop));
            Assert.Equal((WebSocketCloseCode.PolicyViolation, "not you"), (error.CloseCode, error.CloseReason));
        }
        await using (var ws = await WebSocketClient.ConnectAsync(server.Url, null, Stop))
        {
            await ws.SendAsync("half", Stop);
            await AssertLostAsync(ws);
        }
    }
}
