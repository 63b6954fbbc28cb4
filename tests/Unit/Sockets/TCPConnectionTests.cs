using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>What goes over a connection, in both directions and by many at once.</summary>
public class TCPConnectionTests
{
    private static readonly TCPServerOptions LineServer = new() { Framing = Framing.Lines };
    private static readonly TCPClientOptions LineClient = new() { Framing = Framing.Lines, Retry = RetryOptions.None };

    [Fact]
    public async Task The_end_of_the_peer_is_no_frame()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) => await connection.SendAsync("one\ntw", stop));
        await using var client = new TCPClient("127.0.0.1", server.Port, LineClient);
        var connection = await client.ConnectAsync(Stop);
        Assert.Equal("one", (await connection.ReceiveAsync(Stop)).Text());
        var error = await FailsAsync(async () => await connection.ReceiveAsync(Stop), "tcp.closed_early");
        Assert.Contains("in the middle of a frame", error.Message);
    }

    [Fact]
    public async Task The_end_of_the_peer_between_frames_is_null_or_an_error_as_asked()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) => await connection.SendAsync("one\n", stop));
        await using var client = new TCPClient("127.0.0.1", server.Port, LineClient);
        var connection = await client.ConnectAsync(Stop);
        var frames = new List<string>();
        await foreach (var frame in connection.ReceiveAllAsync(Stop))
            frames.Add(frame.Text());
        Assert.Equal(["one"], frames);
        Assert.Null(await connection.TryReceiveAsync(Stop));
        await FailsAsync(async () => await connection.ReceiveAsync(Stop), "tcp.closed_early");
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task What_a_peer_says_is_received_though_it_takes_nothing_of_what_was_gathered()
    {
        var pair = StreamPair.Create(1000);
        await using var client = new TCPClient("x.test", 1, LineClient with { Transport = TransportOptions.Default with { DialOver = (_, _) => ValueTask.FromResult(pair.Client) } });
        var connection = await client.ConnectAsync(Stop);
        var sending = connection.SendAsync(new string('x', 2000), Stop).AsTask();
        await connection.WriteAsync("gathered"u8.ToArray(), Stop);
        await pair.Server.WriteAsync("full\n"u8.ToArray(), Stop);
        Assert.Equal("full", (await connection.ReceiveAsync(Stop).AsTask().WaitAsync(Patience, Stop)).Text());
        Assert.False(sending.IsCompleted);
        // Nobody asks again, and it leaves.
        var lines = new StreamReader(pair.Server);
        Assert.Equal(2000, (await lines.ReadLineAsync(Stop))!.Length);
        Assert.Equal("gathered", await lines.ReadLineAsync(Stop).AsTask().WaitAsync(Patience, Stop));
        await sending;
    }

    [Fact]
    public async Task Half_close_lets_the_answer_come()
    {
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            var count = 0;
            await foreach (var frame in connection.ReceiveAllAsync(ct))
                count += frame.Length;
            await connection.SendAsync($"{count} bytes", ct);
        });
        await using var client = ClientOf(server);
        await client.SendAsync("12345", Stop);
        await client.EndSendingAsync(Stop);
        Assert.Equal("5 bytes", (await client.ReceiveAsync(Stop)).Text());
        Assert.Null(await client.TryReceiveAsync(Stop));
    }

    [Fact]
    public async Task Requests_of_many_callers_find_their_own_answers()
    {
        await using var server = Echo(LineServer);
        await using var client = ClientOf(server, LineClient);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i => Encoding.UTF8.GetString(await client.RequestAsync(Encoding.UTF8.GetBytes($"{i}"), Stop))));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), answers);
    }

    [Fact]
    public async Task A_request_that_is_given_up_never_gives_its_answer_to_the_next()
    {
        var answer = new TaskCompletionSource();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                var text = frame.Text();
                if (text == "slow")
                    await answer.Task;
                await connection.SendAsync("to " + text, ct);
            }
        }, LineServer);
        await using var client = ClientOf(server, LineClient);
        using var source = new CancellationTokenSource();
        var slow = client.RequestAsync("slow"u8.ToArray(), source.Token);
        Becomes(() => client.Connection?.BytesSent > 0, "the request left");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        answer.SetResult();
        Assert.Equal("to fast", Encoding.UTF8.GetString(await client.RequestAsync("fast"u8.ToArray(), Stop)));
    }

    [Fact]
    public async Task Frames_of_many_senders_never_mix()
    {
        await using var server = Echo(new TCPServerOptions { Framing = Framing.LengthPrefixed(4) });
        await using var client = ClientOf(server, LineClient with { Framing = Framing.LengthPrefixed(4) });
        await client.ConnectAsync(Stop);
        var sizes = Enumerable.Range(0, 300).Select(i => i % 10 == 0 ? 20_000 + i : i).ToArray();
        var sends = Task.WhenAll(sizes.Select(size => Task.Run(async () =>
        {
            var frame = new byte[size];
            frame.AsSpan().Fill((byte)size);
            await client.SendAsync(frame, Stop);
        })));
        var seen = new List<int>();
        for (var i = 0; i < sizes.Length; i++)
        {
            var frame = await client.ReceiveAsync(Stop);
            Assert.True(frame.Length == 0 || !frame.Span.ContainsAnyExcept((byte)frame.Length));
            seen.Add(frame.Length);
        }
        await sends;
        Assert.Equal(sizes.Order(), seen.Order());
    }

    [Fact]
    public async Task What_was_written_leaves_with_a_flush_or_when_a_receive_has_to_wait()
    {
        await using var server = Echo(LineServer);
        await using var client = ClientOf(server, LineClient);
        var connection = await client.ConnectAsync(Stop);
        await connection.WriteAsync("one"u8.ToArray(), Stop);
        await connection.WriteAsync("two"u8.ToArray(), Stop);
        Assert.Equal(0, connection.BytesSent);
        Assert.Equal("one", (await connection.ReceiveAsync(Stop)).Text());
        Assert.Equal(8, connection.BytesSent);
        Assert.Equal("two", (await connection.ReceiveAsync(Stop)).Text());
        await connection.WriteAsync("three"u8.ToArray(), Stop);
        await connection.FlushAsync(Stop);
        Assert.Equal(14, connection.BytesSent);
    }

    [Fact]
    public async Task A_receive_that_is_given_up_does_not_cut_off_what_it_was_sending()
    {
        var pair = StreamPair.Create(1000);
        await using var client = new TCPClient("x.test", 1, LineClient with { Transport = TransportOptions.Default with { DialOver = (_, _) => ValueTask.FromResult(pair.Client) } });
        var connection = await client.ConnectAsync(Stop);
        await connection.WriteAsync(new byte[5000], Stop);
        using var source = new CancellationTokenSource();
        var receiving = connection.ReceiveAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.SendAsync("never begun", source.Token));
        await pair.Server.ReadExactlyAsync(new byte[5001], Stop);
        await pair.Server.WriteAsync("answer\n"u8.ToArray(), Stop);
        Assert.Equal("answer", (await connection.ReceiveAsync(Stop)).Text());
        Assert.True(connection.IsOpen);
    }

    [Fact]
    public async Task A_send_that_is_cancelled_halfway_breaks_the_connection()
    {
        var pair = StreamPair.Create(1000);
        await using var client = new TCPClient("x.test", 1, LineClient with { Transport = TransportOptions.Default with { DialOver = (_, _) => ValueTask.FromResult(pair.Client) } });
        var connection = await client.ConnectAsync(Stop);
        using var source = new CancellationTokenSource();
        var sending = connection.SendAsync(new byte[5000], source.Token).AsTask();
        var other = connection.SendAsync("of another", Stop).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await FailsAsync(() => other, "tcp.reset");
        await FailsAsync(async () => await connection.ReceiveAsync(Stop), "tcp.reset");
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task Ending_waits_for_what_others_are_sending()
    {
        var pair = StreamPair.Create(1000);
        await using var client = new TCPClient("x.test", 1, LineClient with { Framing = Framing.Raw, Transport = TransportOptions.Default with { DialOver = (_, _) => ValueTask.FromResult(pair.Client) } });
        var connection = await client.ConnectAsync(Stop);
        var sending = connection.SendAsync(new byte[5000], Stop).AsTask();
        var more = connection.SendAsync(new byte[500], Stop).AsTask();
        var ending = connection.EndSendingAsync(Stop).AsTask();
        Assert.False(ending.IsCompleted);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await connection.SendAsync("too late", Stop));
        var received = new MemoryStream();
        await pair.Server.CopyToAsync(received, Stop);
        await Task.WhenAll(sending, more, ending);
        Assert.Equal(5500, received.Length);
    }

    [Fact]
    public async Task Two_receivers_at_a_time_are_a_bug_and_told_so()
    {
        await using var server = Echo();
        await using var client = ClientOf(server);
        var connection = await client.ConnectAsync(Stop);
        var first = connection.ReceiveAsync(Stop).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ReceiveAsync(Stop).AsTask());
        await client.SendAsync("x", Stop);
        Assert.Equal("x", (await first).Text());
    }

    [Fact]
    public async Task Stream_and_pipes_see_the_bytes_behind_the_last_frame()
    {
        await using var server = Echo();
        await using var client = ClientOf(server, LineClient);
        var connection = await client.ConnectAsync(Stop);
        var stream = connection.AsStream();
        await stream.WriteAsync("head\nbody of "u8.ToArray(), Stop);
        Assert.Equal("head", (await connection.ReceiveAsync(Stop)).Text());
        await stream.WriteAsync("bytes"u8.ToArray(), Stop);
        var body = new byte[13];
        await stream.ReadExactlyAsync(body, Stop);
        Assert.Equal("body of bytes", Encoding.ASCII.GetString(body));

        await connection.Output.WriteAsync("through pipes"u8.ToArray(), Stop);
        var read = await connection.Input.ReadAtLeastAsync(13, Stop);
        Assert.Equal("through pipes", Encoding.ASCII.GetString(read.Buffer));
        connection.Input.AdvanceTo(read.Buffer.End);
        Assert.Same(connection.Input, connection.Input);
    }

    [Fact]
    public async Task A_change_of_framing_holds_from_the_next_frame_on()
    {
        await using var server = Echo();
        await using var client = ClientOf(server, LineClient);
        var connection = await client.ConnectAsync(Stop);
        await connection.AsStream().WriteAsync("length 3\nabcrest\n"u8.ToArray(), Stop);
        Assert.Equal("length 3", (await connection.ReceiveAsync(Stop)).Text());
        connection.Framing = Framing.FixedLength(3);
        Assert.Equal("abc", (await connection.ReceiveAsync(Stop)).Text());
        connection.Framing = Framing.Lines;
        Assert.Equal("rest", (await connection.ReceiveAsync(Stop)).Text());
    }

    [Theory]
    [InlineData("tcp.frame_too_large", 4, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData("tcp.frame_too_large", 8, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData("tcp.frame_malformed", 0, new byte[] { 0x80, 0x00 })]
    public async Task A_frame_that_lies_about_its_length_is_refused_before_it_arrives(string code, int prefix, byte[] bytes)
    {
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.SendAsync(bytes, stop);
            await connection.StallAsync(stop);
        });
        await using var client = new TCPClient("127.0.0.1", server.Port, LineClient with { Framing = prefix == 0 ? Framing.VarInt : Framing.LengthPrefixed(prefix) });
        var connection = await client.ConnectAsync(Stop);
        await FailsAsync(async () => await connection.ReceiveAsync(Stop), code);
        // A last word may still be said.
        await connection.SendAsync("too long"u8.ToArray(), Stop);
        await FailsAsync(async () => await connection.ReceiveAsync(Stop), code);
    }

    [Fact]
    public async Task A_line_that_never_ends_is_refused_at_the_limit_and_not_later()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) => await connection.SendEndlesslyAsync("xxxxxxxx", stop));
        await using var client = new TCPClient("127.0.0.1", server.Port, LineClient with { MaxFrameBytes = 100_000 });
        var connection = await client.ConnectAsync(Stop);
        await FailsAsync(async () => await connection.ReceiveAsync(Stop), "tcp.frame_too_large");
        Assert.InRange(connection.BytesReceived, 100_000, 300_000);
    }
}
