using System.Text;
using System.Text.Json.Serialization;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>Messages there and back, queues, limits, pings and the close, against <see cref="WebSocketServer"/>.</summary>
public partial class WebSocketClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<WebSocketClient> ConnectAsync(WebSocketServer server, WebSocketOptions? options = null) =>
        WebSocketClient.ConnectAsync(server.Url.ToString(), options, Cancel);

    [Fact]
    public async Task Messages_are_an_async_sequence_that_ends_with_a_clean_close()
    {
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            for (var i = 0; i < 100; i++)
                await connection.SendTextAsync($"{i}", ct);
        });
        await using var ws = await ConnectAsync(server);
        var seen = new List<string>();
        await foreach (var message in ws.WithCancellation(Cancel))
            seen.Add(message.Text);
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}"), seen);
        Assert.Equal(new WebSocketClose(WebSocketCloseCode.NormalClosure, "", ByPeer: true), ws.Closed);
    }

    [Fact]
    public async Task Json_is_sent_and_received_by_type_also_source_generated()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        await ws.SendAsync(new { action = "subscribe", channel = "updates" }, Cancel);
        Assert.Equal("""{"action":"subscribe","channel":"updates"}""", (await ws.ReceiveAsync(Cancel))!.Value.Text);
        await ws.SendAsync(new Order("x", 3), OrderJson.Default.Order, Cancel);
        Assert.Equal(new Order("x", 3), (await ws.ReceiveAsync(Cancel))!.Value.Json(OrderJson.Default.Order));
        await ws.SendAsync(new Order("y", 4), Cancel);
        Assert.Equal(new Order("y", 4), (await ws.ReceiveAsync(Cancel))!.Value.Json<Order>());
    }

    [Fact]
    public async Task Text_and_binary_are_kept_apart()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        await ws.SendAsync("text", Cancel);
        await ws.SendAsync("bytes"u8.ToArray(), Cancel);
        var text = (await ws.ReceiveAsync(Cancel))!.Value;
        Assert.Equal((WebSocketMessageKind.Text, "text"), (text.Kind, text.Text));
        var binary = (await ws.ReceiveAsync(Cancel))!.Value;
        Assert.Equal(WebSocketMessageKind.Binary, binary.Kind);
        Assert.Equal("bytes"u8.ToArray(), binary.ToArray());
        Assert.Throws<InvalidOperationException>(() => (string?)binary.Text);
        await Assert.ThrowsAsync<ArgumentException>(async () => await ws.SendTextAsync(new byte[] { 0xFF }, cancellationToken: Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await ws.SendAsync("half a pair \ud800", Cancel));
    }

    [Fact]
    public async Task The_bytes_of_a_message_are_valid_until_the_next_is_asked_for()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        await ws.SendAsync("one", Cancel);
        await ws.SendAsync("two", Cancel);
        var one = (await ws.ReceiveAsync(Cancel))!.Value;
        var kept = one.Copy();
        await ws.ReceiveAsync(Cancel);
        Assert.Throws<InvalidOperationException>(() => one.Bytes.Length);
        Assert.Equal("one", kept.Text);
    }

    [Fact]
    public async Task A_message_is_sent_in_fragments_while_it_is_written()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        var part = new byte[100_000];
        await using (var stream = await ws.OpenMessageAsync(WebSocketMessageKind.Binary, Cancel))
        {
            for (var i = 0; i < 10; i++)
                await stream.WriteAsync(part, Cancel);
            await stream.CompleteAsync(Cancel);
        }
        Assert.Equal(1_000_000, (await ws.ReceiveAsync(Cancel))!.Value.Length);
        var frames = server.Connections[0].Frames;
        Assert.True(frames.Count > 1);
        Assert.Equal(WebSocketOpcode.Binary, frames[0].Opcode);
        Assert.All(frames.Skip(1), frame => Assert.Equal(WebSocketOpcode.Continuation, frame.Opcode));
        Assert.True(frames[^1].IsFinal);
    }

    [Fact]
    public async Task A_message_is_received_as_a_stream_while_it_arrives()
    {
        var rest = new TaskCompletionSource();
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await connection.SendFrameAsync(WebSocketOpcode.Text, "begin "u8.ToArray(), isFinal: false, cancellationToken: ct);
            await rest.Task.WaitAsync(ct);
            await connection.SendFrameAsync(WebSocketOpcode.Continuation, "end"u8.ToArray(), cancellationToken: ct);
            await connection.SendTextAsync("next", ct);
        });
        await using var ws = await ConnectAsync(server);
        await using var stream = await ws.ReceiveStreamAsync(Cancel);
        var begin = new byte[6];
        await stream!.ReadExactlyAsync(begin, Cancel);
        rest.SetResult();
        Assert.Equal("begin end", Encoding.UTF8.GetString(begin) + await new StreamReader(stream).ReadToEndAsync(Cancel));
        Assert.Equal("next", (await ws.ReceiveAsync(Cancel))!.Value.Text);
    }

    [Fact]
    public async Task A_message_beyond_the_default_limit_ends_the_connection_with_1009()
    {
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await connection.SendFrameAsync(WebSocketOpcode.Binary, new byte[16 << 20], isFinal: false, cancellationToken: ct);
            await connection.SendFrameAsync(WebSocketOpcode.Continuation, new byte[1], cancellationToken: ct);
            await connection.ReceiveAsync(ct);
        });
        await using var ws = await ConnectAsync(server);
        var error = await Assert.ThrowsAsync<WebSocketException>(async () => await ws.ReceiveAsync(Cancel));
        Assert.Equal((ErrorCodes.WsTooLarge, WebSocketCloseCode.MessageTooBig), (error.Code, error.CloseCode));
    }

    [Fact, Trait("Cve", "29")]
    public async Task The_number_of_fragments_is_capped_empty_ones_counted()
    {
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await connection.SendFrameAsync(WebSocketOpcode.Text, ReadOnlyMemory<byte>.Empty, isFinal: false, cancellationToken: ct);
            var many = Enumerable.Repeat((byte[])[0, 0], 20_000).SelectMany(frame => frame).ToArray();
            await connection.SendRawAsync(many, ct);
            await connection.ReceiveAsync(ct);
        });
        await using var ws = await ConnectAsync(server);
        var error = await Assert.ThrowsAsync<WebSocketException>(async () => await ws.ReceiveAsync(Cancel));
        Assert.Equal(ErrorCodes.WsTooLarge, error.Code);
    }

    [Fact]
    public async Task A_receiver_that_is_slow_makes_the_server_wait()
    {
        var blocked = new TaskCompletionSource();
        var sent = 0;
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            for (; sent < 1000; sent++)
            {
                var sending = connection.SendBinaryAsync(new byte[100_000], ct);
                // The system's buffers and the client's queue are full, or take a little more.
                if (!sending.IsCompleted && sent > 20)
                    blocked.TrySetResult();
                await sending;
            }
        });
        await using var ws = await ConnectAsync(server, new WebSocketOptions { Limits = WebSocketLimits.Default with { ReceiveQueueBytes = 200_000 } });
        await blocked.Task.WaitAsync(Cancel);
        Assert.True(Volatile.Read(ref sent) < 1000);
        for (var i = 0; i < 1000; i++)
            Assert.Equal(100_000, (await ws.ReceiveAsync(Cancel))!.Value.Length);
        Assert.Null(await ws.ReceiveAsync(Cancel));
    }

    [Theory, InlineData(WhenQueueFull.Fail), InlineData(WhenQueueFull.Drop)]
    public async Task A_full_send_queue_fails_or_drops_as_chosen(WhenQueueFull choice)
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.StopReading());
        var ws = await ConnectAsync(server, new WebSocketOptions { SendQueue = new SendQueueOptions { Bytes = 64 * 1024, WhenFull = choice }, CloseTimeout = TimeSpan.FromMilliseconds(1) });
        var payload = new byte[16 * 1024];
        WebSocketException? error = null;
        for (var i = 0; i < 10_000 && error is null && ws.DroppedMessages == 0; i++)
            error = await Record.ExceptionAsync(async () => await ws.SendAsync(payload, Cancel)) as WebSocketException;
        Assert.Equal(choice == WhenQueueFull.Fail ? ErrorCodes.WsQueueFull : null, error?.Code);
        Assert.Equal(choice == WhenQueueFull.Drop, ws.DroppedMessages > 0);
        await ws.DisposeAsync();
    }

    [Fact]
    public async Task A_full_send_queue_makes_the_sender_wait_until_it_is_cancelled()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.StopReading());
        await using var ws = await ConnectAsync(server, new WebSocketOptions { SendQueue = new SendQueueOptions { Bytes = 64 * 1024 }, CloseTimeout = TimeSpan.FromMilliseconds(1) });
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var waits = new TaskCompletionSource();
        var sending = SendForEverAsync();
        await waits.Task.WaitAsync(Cancel);
        giveUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        async Task SendForEverAsync()
        {
            while (true)
            {
                var one = ws.SendAsync(new byte[16 * 1024], giveUp.Token);
                if (!one.IsCompleted)
                    waits.TrySetResult();
                await one;
            }
        }
    }

    [Fact]
    public async Task Many_senders_at_once_do_not_mix_their_messages()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        var received = Task.Run(async () =>
        {
            var all = new List<string>();
            while (all.Count < 1600)
                all.Add((await ws.ReceiveAsync(Cancel))!.Value.Text);
            return all;
        });
        await Task.WhenAll(Enumerable.Range(0, 16).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await ws.SendAsync($"{sender}.{i}." + new string((char)('a' + sender), i * 40), Cancel);
        })));
        var texts = await received;
        for (var sender = 0; sender < 16; sender++)
        {
            var own = texts.Where(text => text.StartsWith($"{sender}.", StringComparison.Ordinal));
            Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{sender}.{i}." + new string((char)('a' + sender), i * 40)), own);
        }
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task A_ping_tells_the_round_trip_time()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await ConnectAsync(server);
        Assert.Null(ws.RoundTripTime);
        var time = await ws.PingAsync(Cancel);
        Assert.True(time > TimeSpan.Zero);
        Assert.Equal(time, ws.RoundTripTime);
    }

    [Fact]
    public async Task A_server_that_answers_no_ping_in_time_is_lost()
    {
        var clock = new FakeTimeProvider();
        var pinged = new TaskCompletionSource();
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            while (await connection.ReceiveFrameAsync(ct) is { } frame)
            {
                if (frame.Opcode == WebSocketOpcode.Ping)
                    pinged.TrySetResult();
            }
        });
        await using var ws = await ConnectAsync(server, new WebSocketOptions { Clock = clock, PingInterval = TimeSpan.FromSeconds(10), PongTimeout = TimeSpan.FromSeconds(5) });
        var receiving = ws.ReceiveAsync(Cancel).AsTask();
        clock.Advance(TimeSpan.FromSeconds(10));
        await pinged.Task.WaitAsync(Cancel);
        Assert.False(receiving.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(5));
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => receiving);
        Assert.Contains("PongTimeout", error.Message + error.Hint);
    }

    [Fact]
    public async Task An_application_heartbeat_is_sent_and_its_answers_are_not_handed_out()
    {
        var clock = new FakeTimeProvider();
        var beaten = new TaskCompletionSource();
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            Assert.Equal("""{"op":"ping"}""", (await connection.ReceiveAsync(ct))!.Text);
            await connection.SendTextAsync("""{"op":"pong"}""", ct);
            await connection.SendTextAsync("data", ct);
            beaten.SetResult();
            await connection.ReceiveAsync(ct);
        });
        await using var ws = await ConnectAsync(server, new WebSocketOptions
        {
            Clock = clock,
            PingInterval = Timeout.InfiniteTimeSpan,
            Heartbeat = new WebSocketHeartbeat { Message = () => """{"op":"ping"}""", Interval = TimeSpan.FromSeconds(30), IsReply = message => message.Text.Contains("pong") },
        });
        var receiving = ws.ReceiveAsync(Cancel).AsTask();
        clock.Advance(TimeSpan.FromSeconds(30));
        await beaten.Task.WaitAsync(Cancel);
        Assert.Equal("data", (await receiving)!.Value.Text);
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task Compression_shrinks_messages_and_can_be_left_off_for_one()
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { Compression = new() });
        await using var ws = await ConnectAsync(server, new WebSocketOptions { Compression = WebSocketCompression.Default });
        Assert.True(ws.IsCompressed);
        var text = Encoding.UTF8.GetBytes(new string('x', 10_000));
        await ws.SendTextAsync(text, cancellationToken: Cancel);
        Assert.Equal(10_000, (await ws.ReceiveAsync(Cancel))!.Value.Length);
        await ws.SendTextAsync(text, compress: false, Cancel);
        Assert.Equal(10_000, (await ws.ReceiveAsync(Cancel))!.Value.Length);
        Assert.Equal([4, 0], server.Connections[0].Frames.Select(frame => frame.Rsv));
        Assert.True(server.Connections[0].Frames[0].Length < 200);
    }

    [Fact]
    public async Task Code_and_reason_of_a_close_go_both_ways()
    {
        await using var server = WebSocketServer.Start();
        var ws = await ConnectAsync(server);
        await ws.SendAsync("x", Cancel);
        await ws.ReceiveAsync(Cancel);
        await ws.CloseAsync(WebSocketCloseCode.GoingAway, "so long", Cancel);
        Assert.Equal((1001, "so long"), (server.Connections[0].CloseCode, server.Connections[0].CloseReason));
        Assert.Null(await ws.ReceiveAsync(Cancel));
        Assert.Equal(new WebSocketClose(WebSocketCloseCode.GoingAway, "so long", ByPeer: false), ws.Closed);
        await ws.DisposeAsync();

        await using var other = WebSocketServer.Start((connection, ct) => connection.CloseAsync(1008, "no entry", ct));
        await using var refused = await ConnectAsync(other);
        var error = await Assert.ThrowsAsync<WebSocketException>(async () => await refused.ReceiveAsync(Cancel));
        Assert.Equal((WebSocketCloseCode.PolicyViolation, "no entry"), (error.CloseCode, error.CloseReason));
    }

    [Fact]
    public async Task How_it_ended_is_known_when_the_close_is_done()
    {
        await using var server = WebSocketServer.Start();
        for (var i = 0; i < 50; i++)
        {
            await using var ws = await ConnectAsync(server);
            await ws.CloseAsync(cancellationToken: Cancel);
            Assert.Equal(WebSocketCloseCode.NormalClosure, ws.Closed?.Code);
        }
    }

    [Fact]
    public async Task A_server_that_never_answers_the_close_is_left_after_the_close_timeout()
    {
        var clock = new FakeTimeProvider();
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.IgnoreClose());
        await using var ws = await ConnectAsync(server, new WebSocketOptions { Clock = clock, CloseTimeout = TimeSpan.FromSeconds(3), PingInterval = Timeout.InfiniteTimeSpan });
        var closing = ws.CloseAsync(cancellationToken: Cancel);
        while (server.Connections.Count == 0 || server.Connections[0].CloseCode is null)
            await Task.Yield();
        Assert.False(closing.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(3));
        await closing;
        Assert.Null(await ws.ReceiveAsync(Cancel));
        Assert.Equal(WebSocketCloseCode.Abnormal, ws.Closed!.Code);
    }

    [Fact, Trait("Cve", "39")]
    public async Task Every_frame_has_a_mask_of_its_own()
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { RecordedFrames = 20_000 });
        await using (var ws = await ConnectAsync(server))
        {
            for (var i = 0; i < 10_000; i++)
                await ws.SendAsync("x", Cancel);
            for (var i = 0; i < 10_000; i++)
                await ws.ReceiveAsync(Cancel);
        }
        var keys = server.Connections[0].Frames.Select(frame => frame.MaskKey!.Value).ToList();
        // Of 10,001 keys of 32 bits, chance lets 0.01 pairs be equal; and each bit is set in about half of them.
        Assert.True(keys.Distinct().Count() >= keys.Count - 1);
        for (var bit = 0; bit < 32; bit++)
            Assert.InRange(keys.Count(key => (key >> bit & 1) == 1), keys.Count * 45 / 100, keys.Count * 55 / 100);
    }

    [Theory, Trait("Cve", "40")]
    [InlineData(WebSocketCloseCode.NoStatus, "")]
    [InlineData(WebSocketCloseCode.Abnormal, "")]
    [InlineData((WebSocketCloseCode)999, "")]
    [InlineData((WebSocketCloseCode)5000, "")]
    [InlineData(WebSocketCloseCode.NormalClosure, "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123")]
    public async Task A_close_that_may_not_be_sent_is_an_error_and_nothing_of_ours_leaves(WebSocketCloseCode code, string reason)
    {
        await using var server = WebSocketServer.Start();
        await using (var ws = await ConnectAsync(server))
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => ws.CloseAsync(code, reason, Cancel));
            await ws.CloseAsync(reason: "ok", cancellationToken: Cancel);
        }
        var close = Assert.Single(server.Connections[0].Frames);
        Assert.Equal((byte[])[3, 232, .. "ok"u8], close.Payload.ToArray());
    }

    internal sealed record Order(string Name, int Count);

    [JsonSerializable(typeof(Order))]
    internal sealed partial class OrderJson : JsonSerializerContext;
}
