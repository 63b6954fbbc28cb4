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
        await message.CompleteAsync(Cancel);
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
        await using var ws = await ConnectAsync(server, new WebSocketOptions { CloseTimeout = TimeSpan.FromMilliseconds(1) });
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

    [Fact]
    public async Task Whoever_waits_for_a_message_that_is_being_written_is_freed_when_the_connection_dies()
    {
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await connection.ReceiveFrameAsync(ct);
            connection.Reset();
        });
        await using var held = await ConnectAsync(server);
        var message = await held.OpenMessageAsync(WebSocketMessageKind.Text, Cancel);
        var waiting = new[] { held.SendAsync("small", Cancel).AsTask(), held.SendAsync(new byte[100_000], Cancel).AsTask(), held.OpenMessageAsync(WebSocketMessageKind.Text, Cancel).AsTask() };
        Assert.All(waiting, static one => Assert.False(one.IsCompleted));
        await message.WriteAsync("begins"u8.ToArray(), Cancel);
        await message.FlushAsync(Cancel);
        foreach (var one in waiting)
            await Assert.ThrowsAnyAsync<NetworkException>(() => one.WaitAsync(Patience, Cancel));
        await Assert.ThrowsAnyAsync<NetworkException>(async () => await message.CompleteAsync(Cancel));
        await message.DisposeAsync();
    }

    [Fact]
    public async Task A_message_whose_writer_failed_is_not_sent_as_if_it_were_whole()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            await using var message = await ws.OpenMessageAsync(WebSocketMessageKind.Text, Cancel);
            await message.WriteAsync("{\"transfer\": 100"u8.ToArray(), Cancel);
            throw new IOException("the source broke");
        });
        // Nothing of it had left: the connection goes on.
        await ws.SendAsync("next", Cancel);
        Assert.Equal("next", (await ws.ReceiveAsync(Cancel))!.Value.Text);
        Assert.Single(server.Connections[0].Frames);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_message_that_is_given_up_when_a_part_has_left_cuts_the_connection(bool isAsync)
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        var message = await ws.OpenMessageAsync(WebSocketMessageKind.Text, Cancel);
        await message.WriteAsync("{\"transfer\": 100"u8.ToArray(), Cancel);
        await message.FlushAsync(Cancel);
        if (isAsync)
            await message.DisposeAsync();
        else
            message.Dispose();
        var error = await Assert.ThrowsAsync<WebSocketException>(async () => await ws.ReceiveAsync(Cancel).AsTask().WaitAsync(Patience, Cancel));
        Assert.Equal(ErrorCodes.WsClosedAbnormally, error.Code);
        Assert.Contains("CompleteAsync", error.Message);
        while (server.OpenConnectionCount > 0)
            await Task.Yield();
        Assert.DoesNotContain(server.Connections[0].Frames, static frame => frame.IsFinal);
    }

    [Fact]
    public async Task A_complete_message_takes_no_more_and_leaves_the_turn_to_others()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        await using var message = await ws.OpenMessageAsync(WebSocketMessageKind.Text, Cancel);
        await using (var text = new StreamWriter(message, leaveOpen: true))
        {
            await text.WriteAsync("half");
            await text.FlushAsync(Cancel);
            await message.CompleteAsync(Cancel);
            await message.CompleteAsync(Cancel);
        }
        await ws.SendAsync("next", Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await message.WriteAsync("more"u8.ToArray(), Cancel));
        Assert.Equal("half", (await ws.ReceiveAsync(Cancel))!.Value.Text);
        Assert.Equal("next", (await ws.ReceiveAsync(Cancel))!.Value.Text);
    }

    [Fact]
    public async Task Text_that_ends_in_the_middle_of_a_character_cannot_be_completed()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        await using (var message = await ws.OpenMessageAsync(WebSocketMessageKind.Text, Cancel))
        {
            await message.WriteAsync("ü"u8[..1].ToArray(), Cancel);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await message.CompleteAsync(Cancel));
        }
        await ws.SendAsync("next", Cancel);
        Assert.Equal("next", (await ws.ReceiveAsync(Cancel))!.Value.Text);
    }

    [Fact]
    public async Task A_close_waits_for_the_large_message_that_is_under_way()
    {
        var whole = new TaskCompletionSource<int>();
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            whole.SetResult((await connection.ReceiveAsync(ct))!.Bytes.Length);
            await connection.ReceiveAsync(ct);
        });
        await using var ws = await ConnectAsync(server, new WebSocketOptions { CloseTimeout = Patience });
        var sending = ws.SendAsync(new byte[20_000_000], Cancel).AsTask();
        await ws.CloseAsync(reason: "done", cancellationToken: Cancel);
        await sending;
        Assert.Equal(20_000_000, await whole.Task);
        Assert.Equal((1000, "done"), (server.Connections[0].CloseCode, server.Connections[0].CloseReason));
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task A_close_that_is_answered_on_a_connection_that_stays_open_can_be_cancelled()
    {
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await connection.ReceiveFrameAsync(ct);
            await connection.SendFrameAsync(WebSocketOpcode.Close, new byte[] { 3, 0xE8 }, cancellationToken: ct);
            await Task.Delay(Timeout.Infinite, ct);
        });
        await using var ws = await ConnectAsync(server, new WebSocketOptions { CloseTimeout = TimeSpan.FromHours(1) });
        using var gaveUp = new CancellationTokenSource();
        var closing = ws.CloseAsync(cancellationToken: gaveUp.Token);
        while (ws.Closed is null)
            await Task.Yield();
        Assert.False(closing.IsCompleted);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closing.WaitAsync(Patience, Cancel));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Disposing_frees_whoever_receives(bool reconnects)
    {
        await using var server = WebSocketServer.Start();
        var ws = await ConnectAsync(server, new WebSocketOptions { Reconnect = reconnects ? AtOnce : null });
        var receiving = ws.ReceiveAsync(Cancel).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await ws.ReceiveAsync(Cancel));
        await ws.DisposeAsync();
        Assert.Null(await receiving.WaitAsync(Patience, Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await ws.SendAsync("x", Cancel));
    }

    [Fact]
    public async Task A_heartbeat_that_nothing_answers_in_time_ends_the_connection()
    {
        var clock = new FakeTimeProvider();
        var beaten = new TaskCompletionSource();
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            while (await connection.ReceiveAsync(ct) is not null)
                beaten.TrySetResult();
        });
        await using var ws = await ConnectAsync(server, new WebSocketOptions
        {
            Clock = clock,
            PingInterval = Timeout.InfiniteTimeSpan,
            Heartbeat = new WebSocketHeartbeat { Message = () => "beat", Interval = TimeSpan.FromSeconds(30), ReplyTimeout = TimeSpan.FromSeconds(10) },
        });
        var receiving = ws.ReceiveAsync(Cancel).AsTask();
        clock.Advance(TimeSpan.FromSeconds(30));
        await beaten.Task.WaitAsync(Patience, Cancel);
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(receiving.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => receiving.WaitAsync(Patience, Cancel));
        Assert.Contains("WebSocketHeartbeat.ReplyTimeout", error.Message);
    }

    [Fact]
    public async Task A_heartbeat_is_not_missed_while_a_long_message_arrives()
    {
        var clock = new FakeTimeProvider();
        var steps = new SemaphoreSlim(0);
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await connection.SendFrameAsync(WebSocketOpcode.Binary, new byte[1], isFinal: false, cancellationToken: ct);
            for (var i = 0; i < 5; i++)
            {
                await steps.WaitAsync(ct);
                await connection.SendFrameAsync(WebSocketOpcode.Continuation, new byte[1], isFinal: i == 4, cancellationToken: ct);
            }
            await connection.ReceiveAsync(ct);
        });
        await using var ws = await ConnectAsync(server, new WebSocketOptions
        {
            Clock = clock,
            PingInterval = Timeout.InfiniteTimeSpan,
            Heartbeat = new WebSocketHeartbeat { Message = () => "beat", Interval = TimeSpan.FromSeconds(30), ReplyTimeout = TimeSpan.FromSeconds(10) },
        });
        await using var stream = await ws.ReceiveStreamAsync(Cancel);
        var one = new byte[1];
        await stream!.ReadExactlyAsync(one, Cancel);
        for (var i = 0; i < 5; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            steps.Release();
            await stream.ReadExactlyAsync(one, Cancel);
            clock.Advance(TimeSpan.FromSeconds(10));
        }
        Assert.Equal(0, await stream.ReadAsync(one, Cancel));
    }

    [Fact]
    public async Task A_reader_that_the_receiver_holds_up_is_not_taken_for_a_dead_server()
    {
        var clock = new FakeTimeProvider();
        var sent = 0;
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            for (; sent < 300; Interlocked.Increment(ref sent))
                await connection.SendBinaryAsync(new byte[100_000], ct);
            await connection.ReceiveAsync(ct);
        });
        await using var ws = await ConnectAsync(server, new WebSocketOptions
        {
            Clock = clock,
            PingInterval = TimeSpan.FromSeconds(10),
            PongTimeout = TimeSpan.FromSeconds(5),
            Limits = WebSocketLimits.Default with { ReceiveQueueBytes = 200_000 },
        });
        // Held up once nothing moves any more.
        for (var (before, since) = (-1, Environment.TickCount64); Environment.TickCount64 - since < 100; await Task.Yield())
        {
            if (before != (before = Volatile.Read(ref sent)))
                since = Environment.TickCount64;
        }
        Assert.True(sent < 300);
        for (var i = 0; i < 10; i++)
            clock.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 300; i++)
            Assert.Equal(100_000, (await ws.ReceiveAsync(Cancel))!.Value.Length);
    }
}
