using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

public class TCPClientTests
{
    private static readonly TCPServerOptions LineServer = new() { Framing = Framing.Lines };
    private static readonly TCPClientOptions LineClient = new() { Framing = Framing.Lines, Retry = RetryOptions.None };

    [Fact]
    public async Task The_use_of_the_specification_works()
    {
        await using var server = Echo();
        await using var client = new TCPClient("localhost", server.Port);
        await client.SendAsync("Hello"u8.ToArray(), Stop);
        var reply = await client.ReceiveAsync(Stop);
        Assert.Equal("Hello", reply.Text());

        await using var connected = await TCPClient.ConnectAsync("localhost", server.Port, cancellationToken: Stop);
        await connected.SendAsync("Hello"u8.ToArray(), Stop);
        Assert.Equal("Hello", (await connected.ReceiveAsync(Stop)).Text());
    }

    [Fact]
    public async Task Nothing_is_connected_before_the_first_use()
    {
        await using var server = Echo();
        await using var client = ClientOf(server);
        Assert.Null(client.Connection);
        var connection = await client.ConnectAsync(Stop);
        Assert.Same(connection, await client.ConnectAsync(Stop));
        Assert.Equal(server.Port, Assert.IsType<IPEndPoint>(connection.RemoteEndPoint).Port);
        Assert.NotNull(connection.LocalEndPoint);
        Assert.Null(connection.Tls);
    }

    [Fact]
    public async Task A_refused_connection_names_every_address_tried()
    {
        await using var client = new TCPClient("two.test", FreePort(), LineClient with
        {
            Transport = TransportOptions.Default with
            {
                Resolver = new ResolverOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["two.test"] = [IPAddress.IPv6Loopback, IPAddress.Loopback] } },
            },
        });
        var error = await FailsAsync(async () => await client.SendAsync("x", Stop), "tcp.refused");
        Assert.Equal(WasSent.Never, error.WasSent);
        Assert.Equal(2, error.Attempts.Count);
        Assert.All(error.Attempts, attempt => Assert.Equal("tcp.refused", attempt.Code));
    }

    [Fact]
    public async Task Happy_Eyeballs_reaches_the_address_that_lives()
    {
        await using var server = Echo(LineServer);
        await using var client = new TCPClient("two.test", server.Port, LineClient with
        {
            Transport = TransportOptions.Default with
            {
                Resolver = new ResolverOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["two.test"] = [IPAddress.IPv6Loopback, IPAddress.Loopback] } },
            },
        });
        Assert.Equal("x", Encoding.UTF8.GetString(await client.RequestAsync("x"u8.ToArray(), Stop)));
        Assert.Equal(IPAddress.Loopback, Assert.IsType<IPEndPoint>(client.Connection!.RemoteEndPoint).Address);
    }

    [Fact]
    public async Task The_egress_policy_is_asked_about_the_name_and_about_each_address()
    {
        await using var server = Echo();
        foreach (var (host, policy) in new[]
        {
            ("localhost", EgressPolicy.PublicInternetOnly),
            ("named.test", EgressPolicy.Unrestricted.Denying("127.0.0.0/8")),
            ("named.test", EgressPolicy.Unrestricted.Denying("named.test")),
        })
        {
            await using var client = new TCPClient(host, server.Port, LineClient with
            {
                Transport = TransportOptions.Default with
                {
                    Policy = policy,
                    Resolver = new ResolverOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["named.test"] = [IPAddress.Loopback] } },
                },
            });
            var error = await Assert.ThrowsAsync<PolicyException>(async () => await client.ConnectAsync(Stop));
            Assert.NotNull(error.Rule);
        }
        Assert.Equal(0, server.GetStatistics().Accepted);
    }

    [Fact]
    public async Task Connecting_ends_after_the_time_that_is_allowed()
    {
        var clock = new FakeTimeProvider();
        await using var client = new TCPClient("slow.test", 1, LineClient with
        {
            Clock = clock,
            Timeouts = new Timeouts { Connect = TimeSpan.FromSeconds(3) },
            Transport = TransportOptions.Default with { DialOver = async (_, ct) => { await Task.Delay(Timeout.Infinite, ct); return Stream.Null; } },
        });
        var call = client.ConnectAsync(Stop).AsTask();
        clock.Advance(TimeSpan.FromSeconds(3));
        var error = await FailsAsync(() => call, "timeout.connect");
        Assert.Equal(NetworkPhase.Connect, error.Phase);
    }

    [Fact]
    public async Task The_callers_cancellation_stays_what_it_is()
    {
        await using var server = Echo(LineServer);
        await using var client = ClientOf(server, LineClient);
        await client.SendAsync("first", Stop);
        Assert.Equal("first", (await client.ReceiveAsync(Stop)).Text());

        using var source = new CancellationTokenSource();
        var call = client.ReceiveAsync(source.Token).AsTask();
        await source.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(source.Token, error.CancellationToken);

        // Nothing was lost by it.
        await client.SendAsync("second", Stop);
        Assert.Equal("second", (await client.ReceiveAsync(Stop)).Text());
        Assert.Equal(1, server.GetStatistics().Accepted);
    }

    [Fact]
    public async Task A_silent_peer_is_given_up_before_its_first_byte_and_in_the_middle_of_a_frame()
    {
        var clock = new FakeTimeProvider();
        var half = new TaskCompletionSource();
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            if (connection.Index == 1)
                await connection.SendAsync("half a li", stop);
            half.TrySetResult();
            await connection.StallAsync(stop);
        });
        var options = LineClient with { Clock = clock, Timeouts = new Timeouts { FirstByte = TimeSpan.FromSeconds(20), Idle = TimeSpan.FromSeconds(5) } };
        await using var client = new TCPClient("127.0.0.1", server.Port, options);

        await client.ConnectAsync(Stop);
        var call = client.ReceiveAsync(Stop).AsTask();
        clock.Advance(TimeSpan.FromSeconds(19));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));
        var error = await FailsAsync(() => call, "timeout.first_byte");
        Assert.Equal((WasSent.Never, NetworkPhase.FirstByte), (error.WasSent, error.Phase));

        var connection = await client.ConnectAsync(Stop);
        call = client.ReceiveAsync(Stop).AsTask();
        Becomes(() => connection.BytesReceived == 9, "the beginning arrived");
        clock.Advance(TimeSpan.FromSeconds(7));
        await FailsAsync(() => call, "timeout.idle");
    }

    [Fact]
    public async Task A_frame_that_drips_is_given_up_after_the_total_time()
    {
        var clock = new FakeTimeProvider();
        await using var server = new TCPServer(LineServer with { EndPoints = [] });
        var pair = StreamPair.Create();
        await using var client = new TCPClient("x.test", 1, LineClient with
        {
            Clock = clock,
            Timeouts = new Timeouts { Idle = TimeSpan.FromSeconds(30), Total = TimeSpan.FromSeconds(60) },
            Transport = TransportOptions.Default with { DialOver = (_, _) => ValueTask.FromResult(pair.Client) },
        });
        var connection = await client.ConnectAsync(Stop);
        var call = client.ReceiveAsync(Stop).AsTask();
        for (var i = 1; i <= 61 && !call.IsCompleted; i++)
        {
            await pair.Server.WriteAsync("x"u8.ToArray(), Stop);
            var expected = i;
            Becomes(() => connection.BytesReceived == expected || call.IsCompleted, "a byte arrived");
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        await FailsAsync(() => call, "timeout.total");
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_ends_the_send_with_memory_bounded()
    {
        var clock = new FakeTimeProvider();
        var pair = StreamPair.Create(1000);
        await using var client = new TCPClient("x.test", 1, LineClient with
        {
            Clock = clock,
            Framing = Framing.LengthPrefixed(4),
            Timeouts = new Timeouts { Idle = TimeSpan.FromSeconds(5) },
            Transport = TransportOptions.Default with { DialOver = (_, _) => ValueTask.FromResult(pair.Client) },
        });
        var connection = await client.ConnectAsync(Stop);
        var calls = Enumerable.Range(0, 200).Select(_ => connection.WriteAsync(new byte[1000], Stop).AsTask()).ToList();
        // 64 KiB are gathered beside the round under way; the rest of the senders wait.
        Assert.InRange(calls.Count(call => call.IsCompletedSuccessfully), 60, 140);
        clock.Advance(TimeSpan.FromSeconds(7));
        var error = await FailsAsync(() => Task.WhenAll(calls), "timeout.idle");
        Assert.Equal(NetworkPhase.Send, error.Phase);
        await FailsAsync(async () => await connection.SendAsync("x"u8.ToArray(), Stop), "timeout.idle");
    }

    [Fact]
    public async Task A_lost_connection_is_told_once_and_made_again()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.ReadBytesAsync(2, stop);
            if (connection.Index == 0)
                connection.Reset();
            else
                await connection.SendAsync("again\n", stop);
        });
        var greetings = 0;
        await using var client = new TCPClient("127.0.0.1", server.Port, LineClient with { Connected = (_, _) => { greetings++; return ValueTask.CompletedTask; } });
        await client.SendAsync("x", Stop);
        var error = await FailsAsync(async () => await client.ReceiveAsync(Stop), "tcp.reset");
        Assert.Equal(WasSent.Maybe, error.WasSent);
        await client.SendAsync("x", Stop);
        Assert.Equal("again", (await client.ReceiveAsync(Stop)).Text());
        Assert.Equal(2, greetings);
    }

    [Fact]
    public async Task Without_reconnecting_a_lost_connection_stays_lost()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.ReadBytesAsync(1, stop);
            connection.Reset();
        });
        await using var client = new TCPClient("127.0.0.1", server.Port, LineClient with { Reconnect = false });
        await client.SendAsync("", Stop);
        await FailsAsync(async () => await client.ReceiveAsync(Stop), "tcp.reset");
        var error = await FailsAsync(async () => await client.SendAsync("x", Stop), "tcp.reset");
        Assert.Equal(WasSent.Never, error.WasSent);
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Connecting_is_tried_again_with_growing_delays()
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var tries = new List<DateTimeOffset>();
        await using var client = new TCPClient("x.test", 1, LineClient with
        {
            Clock = clock,
            Retry = new RetryOptions { Retries = 3, BaseDelay = TimeSpan.FromSeconds(1), Jitter = () => 0.5 },
            Transport = TransportOptions.Default with { DialOver = (_, _) => { tries.Add(clock.GetUtcNow()); throw new IOException("no"); } },
        });
        var call = client.ConnectAsync(Stop).AsTask();
        for (var i = 0; i < 60 && !call.IsCompleted; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Yield();
        }
        var error = await FailsAsync(() => call, "tcp.closed_early");
        Assert.Equal([0.5, 1, 2], tries.Zip(tries.Skip(1), (one, two) => (two - one).TotalSeconds));
        Assert.Equal(3, error.Attempts.Count(attempt => attempt.Code is not null));
    }

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

    [Fact]
    public async Task Unix_domain_sockets_work_on_both_sides()
    {
        using var folder = new TemporaryDirectory();
        var path = Path.Combine(folder.Path, "echo.sock");
        await using (var server = Echo(LineServer with { EndPoints = [new UnixDomainSocketEndPoint(path)] }))
        {
            await using var client = new TCPClient("localhost", 1, LineClient with { Transport = TransportOptions.Default with { UnixSocketPath = path } });
            Assert.Equal("hello", Encoding.UTF8.GetString(await client.RequestAsync("hello"u8.ToArray(), Stop)));
        }
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks4a")]
    [InlineData("socks5")]
    public async Task Connections_go_through_proxies(string scheme)
    {
        await using var proxy = LoopbackProxy.Start();
        await using var server = Echo(LineServer);
        await using var client = ClientOf(server, LineClient with { Transport = TransportOptions.Default with { Proxy = ProxyOptions.Parse($"{scheme}://127.0.0.1:{proxy.Port}") } });
        Assert.Equal("hello", Encoding.UTF8.GetString(await client.RequestAsync("hello"u8.ToArray(), Stop)));
        Assert.Equal(proxy.Port, Assert.IsType<IPEndPoint>(client.Connection!.RemoteEndPoint).Port);
    }

    [Fact]
    public async Task Socket_settings_reach_the_socket()
    {
        await using var server = Echo(LineServer);
        await using var client = ClientOf(server, LineClient with
        {
            Transport = TransportOptions.Default with { BindAddress = IPAddress.Parse("127.0.0.2"), ReceiveBufferSize = 30_000, SendBufferSize = 20_000, NoDelay = true, UserTimeout = TimeSpan.FromSeconds(9) },
        });
        var connection = await client.ConnectAsync(Stop);
        Assert.Equal("127.0.0.2", Assert.IsType<IPEndPoint>(connection.LocalEndPoint).Address.ToString());
        var socket = Assert.IsType<NetworkStream>(connection.End.Stream).Socket;
        // Linux doubles what it is asked for, for its own records.
        Assert.InRange(socket.ReceiveBufferSize, 30_000, 60_000);
        Assert.InRange(socket.SendBufferSize, 20_000, 40_000);
        Assert.True(socket.NoDelay);
        Assert.Equal(60, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
    }

    [Fact]
    public async Task Disposing_ends_what_is_under_way()
    {
        await using var server = Echo(LineServer);
        var client = ClientOf(server, LineClient);
        var connection = await client.ConnectAsync(Stop);
        var call = connection.ReceiveAsync(Stop).AsTask();
        await client.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => call.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await client.SendAsync("x", Stop));
        Becomes(() => server.GetStatistics().Open == 0, "the server saw the end");
    }

    [Fact]
    public void Wrong_settings_are_named()
    {
        Assert.Contains("MaxFrameBytes", Assert.ThrowsAny<ArgumentException>(() => new TCPClient("x", 1, new TCPClientOptions { MaxFrameBytes = 0 })).Message);
        Assert.Contains("ReceiveBufferSize", Assert.ThrowsAny<ArgumentException>(() => new TCPClient("x", 1, new TCPClientOptions { Transport = new TransportOptions { ReceiveBufferSize = 0 } })).Message);
        Assert.ThrowsAny<ArgumentException>(() => new TCPClient("", 1));
        Assert.ThrowsAny<ArgumentException>(() => new TCPClient("x", 65536));
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
