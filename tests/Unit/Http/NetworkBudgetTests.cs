using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Budgets: bytes, requests, connections, time, shared by the calls of a task.</summary>
public class NetworkBudgetTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly MockTransport _server;

    public NetworkBudgetTests() => _server = new MockTransport(_clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClientOptions Options => new() { MessageHandler = _server, Clock = _clock, Retry = new RetryOptions { BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero } };

    [Fact]
    public async Task Budget_of_requests_is_shared_by_calls_and_counts_retries_and_redirects()
    {
        _server.When("GET", "*").Reply(200);
        _server.When("GET", "/flaky").Reply(503).Reply(200);
        _server.When("GET", "/moved").Reply(new MockReply { Status = 302, Headers = new() { ["Location"] = "/" } });
        using var client = new HTTPClient(Options);
        var budget = new NetworkBudget(requests: 5);
        var options = new RequestOptions { Budget = budget };
        foreach (var path in (string[])["flaky", "moved", ""])
            (await client.GetAsync($"http://api.test/{path}", options, Stop)).Dispose();
        Assert.Equal(5, budget.RequestsUsed);
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.GetAsync("http://api.test/", options, Stop));
        Assert.Equal((ErrorCodes.BudgetRequests, WasSent.Never, false), (error.Code, error.WasSent, error.IsTransient));
        Assert.Contains("5 requests", error.Message);
        Assert.Equal(5, _server.Calls.Count);
        using var free = await client.GetAsync("http://api.test/", cancellationToken: Stop);
        Assert.Equal(200, free.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Budget_of_bytes_cuts_a_body_off_where_it_ends(bool streamed)
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        var budget = new NetworkBudget(bytes: 150_000);
        var options = new RequestOptions { Budget = budget };
        (await client.GetAsync(server.Url + "bytes/100000", options, Stop)).Dispose();
        var error = await Assert.ThrowsAsync<NetworkException>(async () =>
        {
            using var response = streamed ? await client.StreamAsync(server.Url + "bytes/100000", options, Stop) : await client.GetAsync(server.Url + "bytes/100000", options, Stop);
            await response.OpenStream().CopyToAsync(Stream.Null, Stop);
        });
        Assert.Equal((ErrorCodes.BudgetBytes, WasSent.Yes, NetworkPhase.Receive), (error.Code, error.WasSent, error.Phase));
        Assert.InRange(budget.BytesUsed, 150_001, 200_000);
    }

    [Fact]
    public async Task Budget_of_connections_refuses_to_open_one_more()
    {
        await using var one = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var two = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        var options = new RequestOptions { Budget = new NetworkBudget(connections: 1) };
        for (var i = 0; i < 3; i++)
            (await client.GetAsync(one.Url + "get", options, Stop)).Dispose();
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.GetAsync(two.Url + "get", options, Stop));
        Assert.Equal((ErrorCodes.BudgetConnections, WasSent.Never), (error.Code, error.WasSent));
        Assert.Equal(0, two.ConnectionCount);
    }

    [Fact]
    public async Task Budget_of_time_ends_the_call_under_way_and_those_after_it()
    {
        _server.When("GET", "*").Reply(new MockReply { Delay = TimeSpan.FromSeconds(3) });
        using var client = new HTTPClient(Options);
        var options = new RequestOptions { Budget = new NetworkBudget(time: TimeSpan.FromSeconds(5), clock: _clock) };
        var first = client.GetAsync("http://api.test/", options, Stop);
        _clock.Advance(TimeSpan.FromSeconds(3));
        (await first).Dispose();
        var second = client.GetAsync("http://api.test/", options, Stop);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var error = await Assert.ThrowsAsync<NetworkException>(() => second);
        Assert.Equal((ErrorCodes.BudgetTime, false), (error.Code, error.IsTransient));
        Assert.Contains("5 s", error.Message);
        Assert.Equal(ErrorCodes.BudgetTime, (await Assert.ThrowsAsync<NetworkException>(() => client.GetAsync("http://api.test/", options, Stop))).Code);
        Assert.Equal(2, _server.Calls.Count);
    }

    [Fact]
    public async Task Answer_from_the_cache_costs_no_budget()
    {
        _server.When("GET", "*").Reply(new MockReply { Headers = new() { ["Cache-Control"] = "max-age=60" }, Body = new byte[10] });
        using var client = new HTTPClient(Options with { Cache = new HttpCache() });
        var budget = new NetworkBudget(requests: 1, bytes: 10);
        for (var i = 0; i < 3; i++)
            (await client.GetAsync("http://api.test/", new() { Budget = budget }, Stop)).Dispose();
        Assert.Equal((1, 10), (budget.RequestsUsed, budget.BytesUsed));
    }

    [Fact]
    public async Task Callers_at_the_same_time_never_exceed_it_together()
    {
        _server.When("GET", "*");
        using var client = new HTTPClient(Options);
        var budget = new NetworkBudget(requests: 50);
        var refused = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), Stop, async (_, stop) =>
        {
            try
            {
                (await client.GetAsync("http://api.test/", new() { Budget = budget }, stop)).Dispose();
            }
            catch (NetworkException error) when (error.Code == ErrorCodes.BudgetRequests)
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.Equal((50, 150, 50), (_server.Calls.Count, refused, budget.RequestsUsed));
    }

    [Fact]
    public void Budget_that_makes_no_sense_is_refused() =>
        Assert.Equal("bytes", Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkBudget(bytes: -1)).ParamName);
}
