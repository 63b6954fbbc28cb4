using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.WebSockets;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>One budget for what a task does over several protocols, and parts of it for parts of the task.</summary>
public class TransportBudgetTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static TransportOptions Paid(NetworkBudget budget) => TransportOptions.Default with { Budget = budget };

    private static HTTPClientOptions Http(NetworkBudget budget) => new() { Retry = RetryOptions.None, Transport = Paid(budget) };

    [Fact]
    public async Task One_budget_of_connections_and_bytes_spans_http_websocket_tcp_and_udp()
    {
        await using var lab = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var echo = TCPServer.Start(async (connection, token) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(token))
                await connection.SendAsync(frame, token);
        });
        await using var datagrams = LoopbackUDPServer.Start();
        var budget = new NetworkBudget(connections: 4);
        await using var http = new HTTPClient(Http(budget));
        (await http.GetAsync($"{lab.Url}bytes/10000", cancellationToken: Stop)).Dispose();
        await using var ws = await WebSocketClient.ConnectAsync($"ws://127.0.0.1:{lab.Port}/ws/echo", new WebSocketOptions { Transport = Paid(budget) }, Stop);
        await ws.SendAsync("there and back", Stop);
        Assert.Equal("there and back", (await ws.ReceiveAsync(Stop)).ToString());
        await using var tcp = new TCPClient("127.0.0.1", echo.Port, new TCPClientOptions { Transport = Paid(budget), Framing = Framing.Lines });
        await tcp.SendAsync("line", Stop);
        await tcp.ReceiveAsync(Stop);
        await using var udp = await UDPClient.ConnectAsync("127.0.0.1", datagrams.Port, new UDPClientOptions { Transport = Paid(budget) }, Stop);
        await udp.SendAsync("datagram"u8.ToArray(), Stop);
        await udp.ReceiveAsync(Stop);
        Assert.Equal((1, 4), (budget.RequestsUsed, budget.ConnectionsUsed));
        Assert.InRange(budget.BytesUsed, 10_000 + 14 + 5 + 8, 12_000);
        Assert.Equal(3, budget.Usage.Count);
        Assert.Equal(2, budget.Usage.Single(usage => usage.Endpoint.Port == lab.Port).Connections);

        await using var another = new TCPClient("127.0.0.1", echo.Port, new TCPClientOptions { Transport = Paid(budget), Retry = RetryOptions.None });
        var error = await Assert.ThrowsAsync<NetworkException>(() => another.SendAsync("more"u8.ToArray(), Stop).AsTask());
        Assert.Equal((ErrorCodes.BudgetConnections, WasSent.Never), (error.Code, error.WasSent));
        Assert.Contains($"connections by 127.0.0.1:{lab.Port} 2, ", error.Message);
    }

    [Fact]
    public async Task Bytes_that_are_spent_break_off_whatever_brings_them()
    {
        await using var lab = LabEndpoints.MapTo(LoopbackServer.Start());
        var budget = new NetworkBudget(bytes: 50_000);
        await using var http = new HTTPClient(Http(budget));
        var error = await Assert.ThrowsAsync<NetworkException>(async () =>
        {
            using var response = await http.StreamAsync($"{lab.Url}bytes/100000", cancellationToken: Stop);
            await response.OpenStream().CopyToAsync(Stream.Null, Stop);
        });
        Assert.Equal((ErrorCodes.BudgetBytes, false), (error.Code, error.IsTransient));

        var small = new NetworkBudget(bytes: 3000);
        await using var ws = await WebSocketClient.ConnectAsync($"ws://127.0.0.1:{lab.Port}/ws/echo", new WebSocketOptions { Transport = Paid(small) }, Stop);
        await ws.SendAsync(new string('x', 10_000), Stop);
        Assert.Equal(ErrorCodes.BudgetBytes, (await Assert.ThrowsAsync<NetworkException>(() => ws.ReceiveAsync(Stop).AsTask())).Code);
    }

    [Fact]
    public async Task Time_that_is_up_ends_connections_that_stand_and_refuses_new_ones()
    {
        var clock = new FakeTimeProvider();
        await using var silent = ScriptedServer.Start((peer, stop) => peer.StallAsync(stop));
        var budget = new NetworkBudget(time: TimeSpan.FromSeconds(5), clock: clock);
        var options = new TCPClientOptions { Transport = Paid(budget), Retry = RetryOptions.None };
        await using var tcp = await TCPClient.ConnectAsync("127.0.0.1", silent.Port, options, Stop);
        var receiving = tcp.ReceiveAsync(Stop).AsTask();
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(ErrorCodes.BudgetTime, (await Assert.ThrowsAsync<NetworkException>(() => receiving)).Code);
        var error = await Assert.ThrowsAsync<NetworkException>(() => TCPClient.ConnectAsync("127.0.0.1", silent.Port, options, Stop));
        Assert.Equal((ErrorCodes.BudgetTime, WasSent.Never), (error.Code, error.WasSent));
        Assert.Contains("5 s", error.Message);
    }

    [Fact]
    public async Task Part_of_a_budget_has_limits_of_its_own_within_those_of_the_whole_and_is_named()
    {
        var server = new MockTransport();
        server.When("GET", "*");
        using var client = new HTTPClient(new HTTPClientOptions { MessageHandler = server });
        var whole = new NetworkBudget(requests: 4);
        var search = whole.Within("search", requests: 2);
        var fetch = whole.Within("fetch", requests: 5);
        Task<Response> AskAsync(NetworkBudget budget, string host) => client.GetAsync($"http://{host}.test/", new RequestOptions { Budget = budget }, Stop);
        await AskAsync(search, "a");
        await AskAsync(search, "b");
        var own = await Assert.ThrowsAsync<NetworkException>(() => AskAsync(search, "a"));
        Assert.Contains("The budget of 2 requests ('search', NetworkBudget) is spent (requests by a.test:80 1, b.test:80 1)", own.Message);
        Assert.Equal((2, 2), (search.RequestsUsed, whole.RequestsUsed));
        await AskAsync(fetch, "c");
        await AskAsync(fetch, "c");
        var all = await Assert.ThrowsAsync<NetworkException>(() => AskAsync(fetch, "c"));
        Assert.Contains("The budget of 4 requests (NetworkBudget) is spent (requests by c.test:80 2, a.test:80 1, b.test:80 1)", all.Message);
        // What the whole refused, the part has not used.
        Assert.Equal((2, 4, 4), (fetch.RequestsUsed, whole.RequestsUsed, server.Calls.Count));
    }

    [Fact]
    public void Part_ends_with_the_whole_at_the_latest()
    {
        var clock = new FakeTimeProvider();
        var whole = new NetworkBudget(time: TimeSpan.FromSeconds(10), clock: clock);
        Assert.Equal(TimeSpan.FromSeconds(3), whole.Within("short", time: TimeSpan.FromSeconds(3)).Deadline.Remaining);
        Assert.Equal(TimeSpan.FromSeconds(10), whole.Within("long", time: TimeSpan.FromSeconds(30)).Deadline.Remaining);
        Assert.Equal("name", Assert.Throws<ArgumentException>(() => whole.Within("")).ParamName);
    }

    [Fact]
    public async Task Callers_at_the_same_time_never_exceed_the_whole_together()
    {
        var server = new MockTransport();
        server.When("GET", "*");
        using var client = new HTTPClient(new HTTPClientOptions { MessageHandler = server });
        var whole = new NetworkBudget(requests: 50);
        var refused = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), Stop, async (i, stop) =>
        {
            try
            {
                (await client.GetAsync("http://api.test/", new() { Budget = whole.Within($"part {i % 4}", requests: 40) }, stop)).Dispose();
            }
            catch (NetworkException error) when (error.Code == ErrorCodes.BudgetRequests)
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.Equal((50, 150, 50), (server.Calls.Count, refused, whole.RequestsUsed));
    }
}
