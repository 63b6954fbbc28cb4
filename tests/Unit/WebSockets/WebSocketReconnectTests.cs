using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>One connection after another: backoff, fresh tokens, subscriptions again, gaps.</summary>
public class WebSocketReconnectTests
{
    private static readonly WebSocketReconnect Quickly = new() { Delay = TimeSpan.Zero, MaxDelay = TimeSpan.FromMilliseconds(5) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lost_connection_is_made_again_with_a_fresh_token_and_subscribes_before_anything_else()
    {
        var attempts = 0;
        var gaps = new List<WebSocketGap?>();
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.Reset() with { AfterReceived = 2, Times = 1 });
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions
        {
            Reconnect = Quickly,
            Prepare = (request, _) => new(request with { Url = $"{server.Url}{++attempts}", Headers = new HeaderMap { ["Authorization"] = $"Bearer {attempts}" } }),
            OnConnected = async (setup, ct) =>
            {
                gaps.Add(setup.Gap);
                await setup.SendAsync("subscribe", ct);
                Assert.Equal("subscribe", (await setup.ReceiveAsync(ct)).Text);
            },
        }, Cancel);
        await ws.SendAsync("breaks it", Cancel);
        while (attempts < 2 || server.Connections.Count < 2)
            await Task.Yield();
        await ws.SendAsync("after", Cancel);
        var seen = new List<string>();
        while (!seen.Contains("after"))
            seen.Add((await ws.ReceiveAsync(Cancel))!.Value.Text);
        Assert.DoesNotContain("subscribe", seen);
        Assert.Equal([("/1", "Bearer 1"), ("/2", "Bearer 2")], server.Handshakes.Select(handshake => (handshake.Path, handshake.Headers["Authorization"]!)));
        Assert.All(server.Connections, connection => Assert.Equal("subscribe"u8.ToArray(), connection.Frames[0].Payload.ToArray()));
        Assert.Null(gaps[0]);
        Assert.Equal(ErrorCodes.WsClosedAbnormally, gaps[1]!.Cause!.Code);
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task Without_reconnection_a_loss_is_told_once_all_that_arrived_is_handed_out()
    {
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await connection.SendTextAsync("one", ct);
            await connection.SendTextAsync("two", ct);
            await connection.EndAsync();
        });
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), null, Cancel);
        Assert.Equal("one", (await ws.ReceiveAsync(Cancel))!.Value.Text);
        Assert.Equal("two", (await ws.ReceiveAsync(Cancel))!.Value.Text);
        var error = await Assert.ThrowsAsync<WebSocketException>(async () => await ws.ReceiveAsync(Cancel));
        Assert.Equal(ErrorCodes.WsClosedAbnormally, error.Code);
    }

    [Fact]
    public async Task A_clean_close_is_not_answered_by_a_new_connection_unless_asked_for()
    {
        await using var server = WebSocketServer.Start((connection, ct) => connection.SendTextAsync("only", ct));
        await using (var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions { Reconnect = Quickly }, Cancel))
        {
            Assert.Equal("only", (await ws.ReceiveAsync(Cancel))!.Value.Text);
            Assert.Null(await ws.ReceiveAsync(Cancel));
        }
        Assert.Equal(1, server.ConnectionCount);
        await using var again = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions { Reconnect = Quickly with { AfterCleanClose = true } }, Cancel);
        for (var i = 0; i < 5; i++)
            Assert.Equal("only", (await again.ReceiveAsync(Cancel))!.Value.Text);
    }

    [Fact]
    public async Task Attempts_in_a_row_have_an_end_where_asked_for()
    {
        var server = WebSocketServer.Start();
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions { Reconnect = Quickly with { MaxAttempts = 3 } }, Cancel);
        await server.DisposeAsync();
        var error = await Assert.ThrowsAnyAsync<NetworkException>(async () => await ws.ReceiveAsync(Cancel));
        Assert.Equal(WebSocketCloseCode.Abnormal, ws.Closed!.Code);
        Assert.Equal(ErrorCodes.WsClosedAbnormally, error.Code);
        Assert.Contains("3 attempts", error.Message);
        Assert.Contains("refused", error.Message);
        Assert.Equal(($"127.0.0.1:{ws.Url.Port}", ErrorCodes.TcpRefused), (error.Attempts[^1].Address, error.Attempts[^1].Code));
        Assert.Equal(ErrorCodes.TcpRefused, Assert.IsType<ConnectionException>(error.InnerException!.InnerException).Code);
    }

    [Fact]
    public async Task Connections_that_do_not_last_count_as_failed_attempts_and_are_told()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.End());
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions { Reconnect = Quickly with { MaxAttempts = 2 } }, Cancel);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(async () => await ws.ReceiveAsync(Cancel));
        Assert.Equal(3, server.ConnectionCount);
        Assert.Equal([ErrorCodes.WsClosedAbnormally, ErrorCodes.WsClosedAbnormally], error.Attempts.Select(attempt => attempt.Code));
    }

    [Fact]
    public async Task After_a_clean_close_too_attempts_that_failed_are_told()
    {
        var server = WebSocketServer.Start((connection, ct) => connection.CloseAsync(cancellationToken: ct));
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions
        {
            Reconnect = Quickly with { MaxAttempts = 2, AfterCleanClose = true, Delay = TimeSpan.FromMilliseconds(1) },
            OnConnected = (setup, _) => setup.Gap is null ? ValueTask.CompletedTask : throw new NetworkFailure { Code = ErrorCodes.TcpReset, Message = "Not again.", IsTransient = true }.ToException(),
        }, Cancel);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(async () => await ws.ReceiveAsync(Cancel));
        Assert.Equal((ErrorCodes.TcpReset, 2), (error.Code, error.Attempts.Count));
        await server.DisposeAsync();
    }

    /// <summary>Each message is numbered and confirmed by its echo; what was not confirmed is sent again on the next connection. Nothing may be missing or out of order.</summary>
    [Theory, InlineData(100)]
    public async Task A_server_that_dies_again_and_again_loses_no_message_that_the_contract_promises(int deaths)
    {
        var bad = Convert.FromHexString("FF00");
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { FaultSeed = 7, RecordedConnections = 10, RecordedFrames = 10 })
            .Inject(WebSocketFault.Reset() with { AfterSent = 3, Chance = 0.25 })
            .Inject(WebSocketFault.HalfClose() with { AfterSent = 2, Chance = 0.25 })
            .Inject(WebSocketFault.End() with { AfterBytes = 7, Chance = 0.25 })
            .Inject(WebSocketFault.Send(bad) with { AfterSent = 4, Chance = 0.5 })
            .Inject(WebSocketFault.Reset() with { AtHandshake = true, Chance = 0.1 })
            .Inject(WebSocketFault.End() with { AfterReceived = 6 });
        var (confirmed, connections) = (0, 0);
        await using (var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), new WebSocketOptions
        {
            Reconnect = Quickly,
            OnConnected = async (setup, ct) =>
            {
                Interlocked.Increment(ref connections);
                // What was never confirmed is asked for anew, before anything else.
                await setup.SendAsync($"{Volatile.Read(ref confirmed) + 1}", ct);
            },
        }, Cancel))
        {
            while (server.ConnectionCount < deaths)
            {
                var number = int.Parse((await ws.ReceiveAsync(Cancel))!.Value.Text, System.Globalization.CultureInfo.InvariantCulture);
                if (number != confirmed + 1)
                {
                    Assert.True(number <= confirmed, $"{confirmed + 1} was skipped: {number} came.");
                    continue;
                }
                Volatile.Write(ref confirmed, number);
                await ws.SendAsync($"{number + 1}", Cancel);
            }
        }
        Assert.True(confirmed > deaths / 2, $"{confirmed} messages over {connections} connections");
        Assert.Empty(server.Violations);
        while (server.OpenConnectionCount > 0)
            await Task.Yield();
    }
}
