using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.WebSockets;
using static Codomyrmex.Networking.Tests.Integration.WebSockets.WebSocketTalk;

namespace Codomyrmex.Networking.Tests.Integration.WebSockets;

/// <summary>The client with npm's <c>ws</c> and with Python's <c>websockets</c>.</summary>
public class WebSocketPeerTests
{
    public enum Peer
    {
        Node,
        Python,
    }

    private static Task<WebSocketPeer> StartAsync(Peer peer, bool compresses = false) =>
        peer == Peer.Node ? WebSocketPeer.StartNodeAsync(compresses) : WebSocketPeer.StartPythonAsync(compresses);

    [Theory]
    [InlineData(Peer.Node, false, true)]
    [InlineData(Peer.Node, true, true)]
    [InlineData(Peer.Node, true, false)]
    [InlineData(Peer.Python, false, true)]
    [InlineData(Peer.Python, true, true)]
    [InlineData(Peer.Python, true, false)]
    public async Task Messages_of_all_lengths_go_there_and_back(Peer peer, bool compresses, bool keepsContext)
    {
        await using var server = await StartAsync(peer, compresses);
        await using var ws = await WebSocketClient.ConnectAsync(server.Url, new WebSocketOptions
        {
            Compression = new WebSocketCompression { ServerKeepsContext = keepsContext, ClientKeepsContext = keepsContext },
            Subprotocols = ["first", "second"],
        }, Stop);
        Assert.Equal((compresses, "second"), (ws.IsCompressed, ws.Subprotocol));
        await AssertEchoesAsync(ws);
        await AssertPingsAsync(ws);
        await ws.CloseAsync(cancellationToken: Stop);
        Assert.Null(await ws.ReceiveAsync(Stop));
    }

    [Theory, InlineData(Peer.Node), InlineData(Peer.Python)]
    public async Task Code_and_reason_of_a_close_go_both_ways(Peer peer)
    {
        await using var server = await StartAsync(peer);
        await using (var ws = await WebSocketClient.ConnectAsync(server.Url, null, Stop))
        {
            await ws.CloseAsync((WebSocketCloseCode)4321, "so long", Stop);
            await server.SeesAsync("closed 4321 so long", Stop);
            Assert.Equal(new WebSocketClose((WebSocketCloseCode)4321, "so long", ByPeer: false), ws.Closed);
        }
        await using (var ws = await WebSocketClient.ConnectAsync(server.Url, null, Stop))
        {
            await ws.SendAsync("close 1000 done", Stop);
            Assert.Null(await ws.ReceiveAsync(Stop));
            Assert.Equal(new WebSocketClose(WebSocketCloseCode.NormalClosure, "done", ByPeer: true), ws.Closed);
        }
        await using (var ws = await WebSocketClient.ConnectAsync(server.Url, null, Stop))
        {
            await ws.SendAsync("close 1008 not you", Stop);
            var error = await Assert.ThrowsAsync<WebSocketException>(async () => await ws.ReceiveAsync(Stop));
            Assert.Equal((WebSocketCloseCode.PolicyViolation, "not you"), (error.CloseCode, error.CloseReason));
        }
    }

    [Theory]
    [InlineData(Peer.Node, "half")]
    [InlineData(Peer.Node, "half reset")]
    [InlineData(Peer.Python, "half")]
    [InlineData(Peer.Python, "half reset")]
    public async Task A_connection_that_ends_in_the_middle_of_a_message_is_lost_and_half_a_message_is_none(Peer peer, string how)
    {
        await using var server = await StartAsync(peer);
        await using var ws = await WebSocketClient.ConnectAsync(server.Url, null, Stop);
        await ws.SendAsync("whole", Stop);
        await ws.SendAsync(how, Stop);
        Assert.Equal("whole", (await ws.ReceiveAsync(Stop))!.Value.Text);
        await AssertLostAsync(ws);
    }

    [Theory, InlineData(Peer.Node), InlineData(Peer.Python)]
    public async Task A_server_that_is_killed_is_lost_at_once(Peer peer)
    {
        await using var server = await StartAsync(peer);
        await using var ws = await WebSocketClient.ConnectAsync(server.Url, null, Stop);
        await ws.SendAsync("x", Stop);
        await ws.ReceiveAsync(Stop);
        server.Kill();
        await AssertLostAsync(ws);
    }

    [Fact]
    public async Task A_server_that_was_killed_and_comes_back_is_found_again_and_asked_for_what_is_missing()
    {
        var first = await WebSocketPeer.StartNodeAsync();
        var gaps = new List<WebSocketGap>();
        await using var ws = await WebSocketClient.ConnectAsync(first.Url, new WebSocketOptions
        {
            Reconnect = new WebSocketReconnect { Delay = TimeSpan.FromMilliseconds(20), MaxDelay = TimeSpan.FromMilliseconds(50) },
            OnConnected = async (setup, ct) =>
            {
                if (setup.Gap is not { } gap)
                    return;
                gaps.Add(gap);
                await setup.SendAsync($"since {gap.MessagesReceived}", ct);
            },
        }, Stop);
        await ws.SendAsync("one", Stop);
        Assert.Equal("one", (await ws.ReceiveAsync(Stop))!.Value.Text);
        first.Kill();
        var receiving = ws.ReceiveAsync(Stop);
        await using var second = await WebSocketPeer.StartNodeAsync(port: first.Port);
        Assert.Equal("since 1", (await receiving)!.Value.Text);
        await ws.SendAsync("two", Stop);
        Assert.Equal("two", (await ws.ReceiveAsync(Stop))!.Value.Text);
        Assert.NotNull(Assert.Single(gaps).Cause);
        await first.DisposeAsync();
    }

    [Fact]
    public async Task Pings_of_the_server_are_answered_while_nobody_receives()
    {
        await using var server = await WebSocketPeer.StartPythonAsync();
        await using var ws = await WebSocketClient.ConnectAsync(server.Url, null, Stop);
        await ws.SendAsync("pings 50", Stop);
        await server.SeesAsync("answered 50", Stop);
        await ws.SendAsync("still here", Stop);
        Assert.Equal("still here", (await ws.ReceiveAsync(Stop))!.Value.Text);
    }
}
