using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>How a client comes to a connection, loses it and makes it again.</summary>
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
    public async Task What_the_framing_cannot_carry_is_a_wrong_argument_by_the_name_that_the_caller_gave_it()
    {
        await using var server = Echo();
        await using var client = new TCPClient("localhost", server.Port, LineClient);
        for (var i = 0; i < 2; i++)
        {
            var frame = await Assert.ThrowsAsync<ArgumentException>(async () => await client.SendAsync("a\nb"u8.ToArray(), Stop));
            Assert.Equal("A frame cannot hold the delimiter that ends it: the peer would read two. (Parameter 'frame')", frame.Message);
            var text = await Assert.ThrowsAsync<ArgumentException>(async () => await client.SendAsync("a\nb", Stop));
            Assert.Equal("text", text.ParamName);
            await client.ConnectAsync(Stop);
        }
        var connection = await client.ConnectAsync(Stop);
        Assert.Equal("text", (await Assert.ThrowsAsync<ArgumentException>(async () => await connection.SendAsync("a\nb", Stop))).ParamName);
        Assert.Equal("frame", (await Assert.ThrowsAsync<ArgumentException>(async () => await connection.WriteAsync("a\nb"u8.ToArray(), Stop))).ParamName);
        Assert.Equal("frame", (await Assert.ThrowsAsync<ArgumentException>(() => client.RequestAsync("a\nb"u8.ToArray(), Stop))).ParamName);
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
        // When it arrived is noted a moment after that it did.
        Becomes(() => connection.Overstepped(clock.GetTimestamp() + (6 * clock.TimestampFrequency)) is { Code: "timeout.idle" }, "the beginning arrived");
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
        // By the numbers of the system: SO_RCVBUF, SO_SNDBUF, TCP_NODELAY, TCP_KEEPIDLE, TCP_USER_TIMEOUT.
        int Setting(int level, int option) => connection.End.Stream is LoopStream looped
            ? looped.Socket.Get(level, option)
            : BitConverter.ToInt32(RawOption(((NetworkStream)connection.End.Stream).Socket, level, option));
        // Linux doubles what it is asked for, for its own records.
        Assert.InRange(Setting(1, 8), 30_000, 60_000);
        Assert.InRange(Setting(1, 7), 20_000, 40_000);
        Assert.Equal((1, 60, 9000), (Setting(6, 1), Setting(6, 4), Setting(6, 18)));

        static byte[] RawOption(Socket socket, int level, int option)
        {
            var value = new byte[sizeof(int)];
            socket.GetRawSocketOption(level, option, value);
            return value;
        }
    }

    [Fact]
    public async Task Disposing_ends_what_is_under_way()
    {
        await using var server = Echo(LineServer);
        var client = ClientOf(server, LineClient);
        var connection = await client.ConnectAsync(Stop);
        var call = connection.ReceiveAsync(Stop).AsTask();
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await client.SendAsync("x", Stop));
        Becomes(() => server.GetStatistics().Open == 0, "the server saw the end");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposing_ends_a_sequence_of_frames_whatever_the_peer_does(bool peerEnds)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await connection.WriteAsync("whole"u8.ToArray(), ct);
            await connection.AsStream().WriteAsync("half"u8.ToArray(), ct);
            await (peerEnds ? connection.TryReceiveAsync(ct).AsTask() : go.Task);
        }, LineServer);
        var client = ClientOf(server, LineClient);
        var frames = new List<string>();
        await foreach (var frame in client.ReceiveAllAsync(Stop))
        {
            frames.Add(frame.Text());
            _ = client.DisposeAsync().AsTask();
        }
        Assert.Equal(["whole"], frames);
        go.SetResult();
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

    [Fact]
    public async Task A_side_that_was_ended_stays_ended_and_no_other_connection_is_made()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            while (await connection.TryReceiveAsync(ct) is not null)
            {
            }
            await go.Task;
            await connection.SendAsync("answer", ct);
        }, LineServer);
        await using var client = ClientOf(server, LineClient);
        await client.SendAsync("question", Stop);
        await client.EndSendingAsync(Stop);
        await client.EndSendingAsync(Stop);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.SendAsync("more", Stop).AsTask());
        go.SetResult();
        Assert.Equal("answer", (await client.ReceiveAsync(Stop).AsTask().WaitAsync(Patience)).Text());
        Assert.Equal(1, server.GetStatistics().Accepted);
    }

    [Fact]
    public async Task Who_receives_on_a_disposed_connection_is_told_so()
    {
        await using var server = Echo(LineServer);
        var connection = await ClientOf(server, LineClient).ConnectAsync(Stop);
        await connection.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => connection.ReceiveAsync(Stop).AsTask());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(40_000_000)]
    public void A_keep_alive_that_the_system_cannot_have_is_refused(int milliseconds)
    {
        var time = TimeSpan.FromMilliseconds(milliseconds);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new TCPClient("localhost", 1, LineClient with { Transport = TransportOptions.Default with { KeepAlive = time } }));
        Assert.Contains("TransportOptions.KeepAlive", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("TCPServerOptions.KeepAlive", () => TCPServer.Start(EchoAsync, LineServer with { KeepAlive = time }));
        Assert.Throws<ArgumentOutOfRangeException>("TCPServerOptions.UserTimeout", () => TCPServer.Start(EchoAsync, LineServer with { UserTimeout = Timeout.InfiniteTimeSpan }));
    }
}
