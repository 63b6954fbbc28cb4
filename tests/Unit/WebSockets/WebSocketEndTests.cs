using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>Whoever waits when a connection ends, closes or is given up is freed, and nothing half-done is left behind.</summary>
public class WebSocketEndTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly WebSocketReconnect AtOnce = new() { Delay = TimeSpan.Zero, MaxDelay = TimeSpan.FromMilliseconds(5) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<WebSocketClient> ConnectAsync(WebSocketServer server, WebSocketOptions? options = null) =>
        WebSocketClient.ConnectAsync(server.Url.ToString(), options, Cancel);

    [Fact]
    public async Task Half_a_frame_that_was_lost_is_told_in_the_gap()
    {
        var gap = new TaskCompletionSource<WebSocketGap>();
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            if (connection.Number > 1)
            {
                await connection.ReceiveAsync(ct);
                return;
            }
            await connection.SendRawAsync(new byte[] { 0x82, 126, 4, 0, 1, 2, 3 }, ct);
            await connection.EndAsync();
        });
        await using var ws = await ConnectAsync(server, new WebSocketOptions
        {
            Reconnect = AtOnce,
            OnConnected = (setup, _) =>
            {
                if (setup.Gap is { } known)
                    gap.TrySetResult(known);
                return default;
            },
        });
        Assert.True((await gap.Task.WaitAsync(Patience, Cancel)).LostPartOfMessage);
    }

    [Fact]
    public async Task A_heartbeat_for_which_there_is_no_room_waits_for_no_answer()
    {
        var clock = new FakeTimeProvider();
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server, new WebSocketOptions
        {
            Clock = clock,
            PingInterval = Timeout.InfiniteTimeSpan,
            Heartbeat = new WebSocketHeartbeat { Message = () => "beat", Interval = TimeSpan.FromSeconds(30), ReplyTimeout = TimeSpan.FromSeconds(10) },
        });
        var message = await ws.OpenMessageAsync(WebSocketMessageKind.Text, Cancel);
        for (var i = 0; i < 5; i++)
            clock.Advance(TimeSpan.FromSeconds(30));
        await message.DisposeAsync();
        Assert.Equal("", (await ws.ReceiveAsync(Cancel))!.Value.Text);
    }

    [Fact]
    public async Task More_pings_than_are_remembered_are_all_answered()
    {
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            for (var pings = 0; await connection.ReceiveFrameAsync(ct) is { } frame;)
            {
                if (frame.Opcode == WebSocketOpcode.Ping && ++pings == 100)
                    await connection.SendFrameAsync(WebSocketOpcode.Pong, frame.Payload, cancellationToken: ct);
            }
        });
        await using var ws = await ConnectAsync(server);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ws.PingAsync(Cancel))).WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task A_client_that_is_disposed_of_while_it_reconnects_ends_and_leaves_nothing_open()
    {
        var disposing = new TaskCompletionSource<Task>();
        WebSocketClient? ws = null;
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.Reset() with { AfterReceived = 1, Connection = 1 });
        ws = await ConnectAsync(server, new WebSocketOptions
        {
            Reconnect = AtOnce,
            OnConnected = (setup, _) =>
            {
                if (setup.Gap is not null)
                    disposing.TrySetResult(ws!.DisposeAsync().AsTask());
                return default;
            },
        });
        await ws.SendAsync("breaks it", Cancel);
        await (await disposing.Task.WaitAsync(Patience, Cancel)).WaitAsync(Patience, Cancel);
        while (server.OpenConnectionCount > 0)
            await Task.Yield();
        Assert.Equal(2, server.ConnectionCount);
    }
}
