using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

public class TCPServerTests
{
    private static readonly TCPServerOptions LineServer = new() { Framing = Framing.Lines };
    private static readonly TCPClientOptions LineClient = new() { Framing = Framing.Lines, Retry = RetryOptions.None };

    private static async Task<string> AskAsync(TCPClient client, string text) => Encoding.UTF8.GetString(await client.RequestAsync(Encoding.UTF8.GetBytes(text), Stop));

    /// <summary>Whether a connection that was accepted is broken off at once.</summary>
    private static async Task IsTurnedAwayAsync(TCPClient client)
    {
        var error = await Assert.ThrowsAsync<ConnectionException>(() => AskAsync(client, "x"));
        Assert.True(error.Code is "tcp.reset" or "tcp.closed_early", error.Code);
    }

    [Fact]
    public async Task Several_endpoints_and_both_families_are_served()
    {
        await using var server = Echo(LineServer with { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.IPv6Loopback, 0)] });
        Assert.Equal(2, server.EndPoints.Count);
        foreach (var endPoint in server.EndPoints.Cast<IPEndPoint>())
        {
            await using var client = new TCPClient(endPoint.Address.ToString(), endPoint.Port, LineClient);
            Assert.Equal("hello", await AskAsync(client, "hello"));
        }
        Assert.Equal(2, server.GetStatistics().Accepted);
    }

    [Fact]
    public async Task An_address_in_use_is_told_with_its_code_and_nothing_stays_open()
    {
        await using var server = Echo();
        var free = new IPEndPoint(IPAddress.Loopback, 0);
        await using var second = new TCPServer(LineServer with { EndPoints = [free, server.EndPoints[0]] });
        var error = Assert.Throws<ConnectionException>(() => second.Start(EchoAsync));
        Assert.Equal("local.address", error.Code);
        Assert.Contains($"127.0.0.1:{server.Port}", error.Message);
        Assert.Empty(second.EndPoints);
    }

    [Fact]
    public async Task Connections_come_as_a_sequence_too()
    {
        await using var server = new TCPServer(LineServer);
        var served = new List<string>();
        var serving = Task.Run(async () =>
        {
            await foreach (var connection in server.AcceptAllAsync(CancellationToken.None))
            {
                await using (connection)
                {
                    served.Add((await connection.ReceiveAsync(Stop)).Text());
                    await connection.SendAsync("done", Stop);
                }
            }
        }, Stop);
        Becomes(() => server.EndPoints.Count == 1, "it listens");
        for (var i = 0; i < 3; i++)
        {
            await using var client = ClientOf(server, LineClient);
            Assert.Equal("done", await AskAsync(client, $"{i}"));
        }
        await server.StopAsync(Patience, Stop);
        await serving.WaitAsync(Patience);
        Assert.Equal(["0", "1", "2"], served);
    }

    [Fact]
    public async Task A_handler_that_throws_ends_its_connection_and_no_other()
    {
        var log = new ListLogger();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                if (frame.Text() == "bug")
                    throw new InvalidOperationException("a bug");
                await connection.SendAsync(frame, ct);
            }
        }, LineServer with { Logger = log });
        await using var good = ClientOf(server, LineClient);
        Assert.Equal("one", await AskAsync(good, "one"));
        await using var bad = ClientOf(server, LineClient);
        await IsTurnedAwayAsync(await SaysAsync(bad, "bug"));
        Assert.Equal("two", await AskAsync(good, "two"));
        Becomes(() => server.GetStatistics() is { Failed: 1, Open: 1 }, "one failed, one is open");
        Becomes(() => log.Ids.Contains(23), "it was logged");
    }

    private static async Task<TCPClient> SaysAsync(TCPClient client, string text)
    {
        await client.SendAsync(text, Stop);
        return client;
    }

    [Fact]
    public async Task More_connections_than_allowed_are_reset_at_once()
    {
        await using var server = Echo(LineServer with { Limits = new TCPServerLimits { Connections = 2 } });
        await using var one = ClientOf(server, LineClient);
        await using var two = ClientOf(server, LineClient);
        Assert.Equal("1", await AskAsync(one, "1"));
        Assert.Equal("2", await AskAsync(two, "2"));
        await using var three = ClientOf(server, LineClient);
        await IsTurnedAwayAsync(three);
        await two.DisposeAsync();
        Becomes(() => server.GetStatistics().Open == 1, "one left");
        Assert.Equal("3", await AskAsync(three, "3"));
        Assert.Equal(1, server.GetStatistics().Refused);
    }

    [Fact]
    public async Task More_connections_of_one_address_than_allowed_are_reset_and_others_come_in()
    {
        await using var server = Echo(LineServer with { Limits = new TCPServerLimits { ConnectionsPerAddress = 1 } });
        await using var one = ClientOf(server, LineClient);
        Assert.Equal("1", await AskAsync(one, "1"));
        await using var same = ClientOf(server, LineClient);
        await IsTurnedAwayAsync(same);
        await using var other = ClientOf(server, LineClient with { Transport = LineClient.Transport with { BindAddress = IPAddress.Parse("127.0.0.2") } });
        Assert.Equal("2", await AskAsync(other, "2"));
    }

    [Fact]
    public async Task An_IPv6_network_of_64_counts_as_one_address()
    {
        await using var server = Echo(LineServer with { Limits = new TCPServerLimits { ConnectionsPerAddress = 1 } });
        IPEndPoint From(string address) => new(IPAddress.Parse(address), 9);
        await using var one = new TCPClient("x", 1, InMemory(server, LineClient, remote: From("2001:db8:1:1::1")));
        Assert.Equal("1", await AskAsync(one, "1"));
        await using var neighbour = new TCPClient("x", 1, InMemory(server, LineClient, remote: From("2001:db8:1:1:ffff::2")));
        await IsTurnedAwayAsync(neighbour);
        await using var other = new TCPClient("x", 1, InMemory(server, LineClient, remote: From("2001:db8:1:2::1")));
        Assert.Equal("2", await AskAsync(other, "2"));
    }

    [Theory]
    [InlineData("127.0.0.0/8", "", true)]
    [InlineData("", "127.0.0.0/8", false)]
    [InlineData("127.0.0.0/8", "127.0.0.1/32", false)]
    [InlineData("10.0.0.0/8", "", false)]
    [InlineData("::/0", "", false)]
    public async Task Networks_are_allowed_and_denied(string allow, string deny, bool comesIn)
    {
        IPNetwork[] Networks(string text) => text.Length == 0 ? [] : [IPNetwork.Parse(text)];
        // An IPv4 peer of a socket for both families is judged by its IPv4 address.
        await using var server = Echo(LineServer with { EndPoints = [new IPEndPoint(IPAddress.IPv6Any, 0)], Allow = Networks(allow), Deny = Networks(deny) });
        await using var client = ClientOf(server, LineClient);
        if (comesIn)
        {
            Assert.Equal("x", await AskAsync(client, "x"));
            Assert.Equal(client.Connection!.LocalEndPoint, Assert.Single(server.Connections).RemoteEndPoint);
        }
        else
        {
            await IsTurnedAwayAsync(client);
        }
        Assert.Equal(comesIn ? 0 : 1, server.GetStatistics().Refused);
    }

    [Fact]
    public async Task An_idle_peer_is_let_go_and_one_that_stalls_in_a_frame_sooner()
    {
        var clock = new FakeTimeProvider();
        var codes = new List<string>();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            try
            {
                await EchoAsync(connection, ct);
            }
            catch (NetworkException error)
            {
                lock (codes)
                    codes.Add(error.Code + " " + error.Message.Split(' ', 2)[1]);
            }
        }, LineServer with { Clock = clock });
        await using var idle = ClientOf(server, LineClient);
        await idle.ConnectAsync(Stop);
        await using var stalled = ClientOf(server, LineClient);
        await (await stalled.ConnectAsync(Stop)).AsStream().WriteAsync("half"u8.ToArray(), Stop);
        Becomes(() => server.Connections.Any(connection => connection.BytesReceived == 4) && server.Connections.Count == 2, "both are there");
        var ofStalled = server.Connections.Single(static connection => connection.BytesReceived == 4);
        var ofIdle = server.Connections.Single(static connection => connection.BytesReceived == 0);
        Becomes(() => IsLetGo(ofStalled) && codes.Count == 1, "the stalled one is gone");
        Assert.True(ofIdle.IsOpen);
        Becomes(() => IsLetGo(ofIdle) && codes.Count == 2, "the idle one is gone");
        Assert.Equal(["timeout.idle sent nothing for 30 s in the middle of a frame.", "timeout.idle sent nothing for 120 s."], codes);

        // When the server began to wait for it is its own affair.
        bool IsLetGo(TCPConnection connection)
        {
            if (connection.IsOpen)
                clock.Advance(TimeSpan.FromSeconds(34));
            return !connection.IsOpen;
        }
    }

    [Fact]
    [Trait("Cve", "30")]
    public async Task A_peer_that_drips_is_cut_off_by_the_minimum_rate()
    {
        var clock = new FakeTimeProvider();
        var code = new TaskCompletionSource<string>();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            try
            {
                await EchoAsync(connection, ct);
            }
            catch (NetworkException error)
            {
                code.TrySetResult(error.Code);
            }
        }, LineServer with { Clock = clock, Limits = new TCPServerLimits { MinimumRate = 100, RateGrace = TimeSpan.FromSeconds(5) } });
        await using var client = ClientOf(server, LineClient);
        var stream = (await client.ConnectAsync(Stop)).AsStream();
        await stream.WriteAsync("x"u8.ToArray(), Stop);
        Becomes(() => server.Connections is [{ BytesReceived: 1 }], "it began");
        for (var second = 1; second <= 12 && !code.Task.IsCompleted; second++)
        {
            // 200 bytes a second for five seconds, then one: within the idle time, below the rate after some more seconds.
            try
            {
                await stream.WriteAsync(new byte[second <= 5 ? 200 : 1], Stop);
            }
            catch (ConnectionException)
            {
                break;
            }
            var expected = second <= 5 ? 1 + (200 * second) : 1001 + second - 5;
            Becomes(() => code.Task.IsCompleted || server.Connections is [{ } one] && one.BytesReceived == expected, "it arrived");
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.False(second < 9 && code.Task.IsCompleted, "the rate over the whole frame counts");
        }
        Assert.Equal("tcp.too_slow", await code.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_peer_that_reads_nothing_stops_the_handler_and_memory_stays_bounded()
    {
        var sent = 0;
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            var frame = new byte[60_000];
            while (true)
            {
                await connection.SendAsync(frame, ct);
                Interlocked.Add(ref sent, frame.Length);
            }
        }, new TCPServerOptions { Framing = Framing.LengthPrefixed(4), SendBufferSize = 64 * 1024 });
        await using var client = ClientOf(server, LineClient with { Framing = Framing.LengthPrefixed(4), Transport = LineClient.Transport with { ReceiveBufferSize = 64 * 1024 } });
        await client.ConnectAsync(Stop);
        // What the two sockets hold, and no more.
        var last = -1;
        Becomes(() => { var now = Volatile.Read(ref sent); var isStill = now == last && now > 0; last = now; Thread.SpinWait(2_000_000); return isStill; }, "the handler waits");
        Assert.InRange(last, 60_000, 4_000_000);
        Assert.Equal(60_000, (await client.ReceiveAsync(Stop)).Length);
        Assert.Equal(60_000, (await client.ReceiveAsync(Stop)).Length);
    }

    [Fact]
    public async Task Draining_loses_no_frame_that_has_arrived()
    {
        var working = new SemaphoreSlim(0);
        var go = new TaskCompletionSource();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                working.Release();
                await go.Task;
                await connection.WriteAsync(frame, ct);
            }
            await connection.SendAsync("goodbye", ct);
        }, LineServer);
        await using var idle = ClientOf(server, LineClient);
        await idle.ConnectAsync(Stop);
        await using var busy = ClientOf(server, LineClient);
        var connection = await busy.ConnectAsync(Stop);
        for (var i = 0; i < 1000; i++)
            await connection.WriteAsync(Encoding.ASCII.GetBytes($"frame {i}"), Stop);
        await connection.FlushAsync(Stop);
        await working.WaitAsync(Stop);
        Becomes(() => server.Connections.Count == 2, "both are there");

        var stopping = server.StopAsync(Patience, Stop);
        Assert.Equal("goodbye", (await idle.ReceiveAsync(Stop)).Text());
        Assert.Null(await idle.TryReceiveAsync(Stop));
        Assert.False(stopping.IsCompleted);
        go.SetResult();
        for (var i = 0; i < 1000; i++)
            Assert.Equal($"frame {i}", (await connection.ReceiveAsync(Stop)).Text());
        Assert.Equal("goodbye", (await connection.ReceiveAsync(Stop)).Text());
        Assert.Null(await connection.TryReceiveAsync(Stop));
        Assert.Equal(0, await stopping.WaitAsync(Patience));
        await using var late = ClientOf(server, LineClient);
        await FailsAsync(async () => await late.ConnectAsync(Stop), "tcp.refused");
    }

    [Fact]
    public async Task A_frame_that_has_begun_is_waited_for_while_draining()
    {
        await using var server = Echo(LineServer);
        await using var client = ClientOf(server, LineClient);
        var connection = await client.ConnectAsync(Stop);
        await connection.AsStream().WriteAsync("begun and "u8.ToArray(), Stop);
        Becomes(() => server.Connections is [{ BytesReceived: 10 }], "it began");
        var stopping = server.StopAsync(Patience, Stop);
        await connection.AsStream().WriteAsync("ended\n"u8.ToArray(), Stop);
        Assert.Equal("begun and ended", (await connection.ReceiveAsync(Stop)).Text());
        Assert.Null(await connection.TryReceiveAsync(Stop));
        Assert.Equal(0, await stopping.WaitAsync(Patience));
    }

    [Fact]
    public async Task After_the_deadline_what_is_left_is_broken_off_and_counted()
    {
        var clock = new FakeTimeProvider();
        var cancelled = new TaskCompletionSource();
        await using var server = TCPServer.Start(async (_, ct) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            finally
            {
                cancelled.TrySetResult();
            }
        }, LineServer with { Clock = clock });
        await using var client = ClientOf(server, LineClient);
        await client.ConnectAsync(Stop);
        Becomes(() => server.Connections.Count == 1, "it is served");
        var started = clock.GetUtcNow();
        var stopping = server.StopAsync(TimeSpan.FromSeconds(30), Stop);
        Becomes(() => { clock.Advance(TimeSpan.FromMilliseconds(100)); return stopping.IsCompleted; }, "the deadline passed");
        Assert.True(clock.GetUtcNow() - started >= TimeSpan.FromSeconds(30));
        Assert.Equal(1, await stopping);
        await cancelled.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Draining_under_load_answers_every_request_that_was_taken()
    {
        var taken = 0;
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                Interlocked.Increment(ref taken);
                await connection.WriteAsync(frame, ct);
            }
        }, LineServer);
        var answered = 0;
        var clients = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            await using var client = ClientOf(server, LineClient with { Reconnect = false });
            try
            {
                for (var i = 0; ; i++)
                {
                    Assert.Equal($"{i}", await AskAsync(client, $"{i}"));
                    Interlocked.Increment(ref answered);
                }
            }
            catch (ConnectionException)
            {
            }
        })).ToArray();
        Becomes(() => Volatile.Read(ref answered) > 500, "they are busy");
        Assert.Equal(0, await server.StopAsync(Patience, Stop));
        await Task.WhenAll(clients).WaitAsync(Patience);
        Assert.Equal(taken, answered);
    }

    [Fact]
    public async Task Ten_thousand_connections_come_and_go_and_nothing_is_left()
    {
        await using var server = Echo(LineServer);
        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Stop }, async (i, ct) =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(server.EndPoints[0], ct);
            // Some leave in silence, some with a reset, some after half a frame.
            if (i % 3 == 0)
                socket.LingerState = new LingerOption(true, 0);
            if (i % 2 == 0)
                await socket.SendAsync("half"u8.ToArray(), ct);
        });
        await using var client = ClientOf(server, LineClient);
        Assert.Equal("still here", await AskAsync(client, "still here"));
        Becomes(() => server.GetStatistics() is { Open: 1, Accepted: >= 9_000 }, "all others are gone");
        Assert.Single(server.Connections);
    }

    [Fact]
    public async Task A_server_lives_in_memory_without_any_socket()
    {
        await using var server = Echo(LineServer with { EndPoints = [] });
        Assert.Empty(server.EndPoints);
        await using var client = new TCPClient("memory.test", 7, InMemory(server, LineClient, capacity: 100));
        Assert.Equal("hello", await AskAsync(client, "hello"));
        var large = new string('x', 100_000);
        Assert.Equal(large, await AskAsync(client, large));
        await client.EndSendingAsync(Stop);
        Assert.Null(await client.TryReceiveAsync(Stop));
        Assert.Equal(0, await server.StopAsync(Patience, Stop));
        Assert.Throws<InvalidOperationException>(() => server.Serve(Stream.Null));
    }

    [Fact]
    public async Task Json_lines_go_both_ways_and_other_text_is_told_with_its_code()
    {
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            var asked = await connection.ReceiveJsonAsync<Dictionary<string, int>>(ct);
            await connection.SendJsonAsync(asked!.ToDictionary(pair => pair.Key, pair => pair.Value * 2), ct);
            await connection.SendAsync("{nonsense", ct);
            await connection.SendAsync("{\"last\":1}", ct);
        }, LineServer);
        await using var client = ClientOf(server, LineClient);
        var connection = await client.ConnectAsync(Stop);
        await connection.SendJsonAsync(new Dictionary<string, int> { ["a"] = 21 }, Stop);
        Assert.Equal(42, (await connection.ReceiveJsonAsync<Dictionary<string, int>>(Stop))!["a"]);
        await FailsAsync(async () => await connection.ReceiveJsonAsync<Dictionary<string, int>>(Stop), "tcp.frame_malformed");
        Assert.Equal(1, (await connection.ReceiveJsonAsync<Dictionary<string, int>>(Stop))!["last"]);
    }

    [Fact]
    public void Wrong_settings_are_named()
    {
        Assert.Contains("Backlog", Assert.ThrowsAny<ArgumentException>(() => new TCPServer(new TCPServerOptions { Limits = new TCPServerLimits { Backlog = 0 } })).Message);
        Assert.Contains("Idle", Assert.ThrowsAny<ArgumentException>(() => new TCPServer(new TCPServerOptions { Limits = new TCPServerLimits { Idle = TimeSpan.Zero } })).Message);
        Assert.Contains("EndPoints", Assert.ThrowsAny<ArgumentException>(() => new TCPServer(new TCPServerOptions { EndPoints = [new DnsEndPoint("x", 1)] })).Message);
    }
}
