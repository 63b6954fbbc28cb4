using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Transport;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Each kind of timeout, and the deadline that spans them all.</summary>
public class TimeoutTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    [Fact]
    public void Every_timeout_is_on_by_default()
    {
        var defaults = new HTTPClientOptions().Timeouts;
        Assert.All(new[] { defaults.Resolve, defaults.Connect, defaults.Tls, defaults.FirstByte, defaults.Idle, defaults.Total },
            value => Assert.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task Resolver_that_never_answers_runs_into_the_resolve_timeout()
    {
        var clock = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var resolver = new DnsScriptedResolver(async (_, stop) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, stop);
            return null!;
        });
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Transport = new TransportOptions { Resolver = new ResolverOptions { Custom = resolver } } });
        var call = client.GetAsync("http://slow.test/", cancellationToken: TestContext.Current.CancellationToken);
        await asked.Task;
        clock.Advance(Timeouts.Default.Resolve);
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => call.WaitAsync(RawAnswer.Patience));
        Assert.Equal((ErrorCodes.TimeoutResolve, TimeoutKind.Resolve, NetworkPhase.Resolve, WasSent.Never), (error.Code, error.Kind, error.Phase, error.WasSent));
        Assert.Equal(Timeouts.Default.Resolve, error.Elapsed);
        Assert.Equal(("slow.test", 80), (error.Endpoint!.Host, error.Endpoint.Port));
    }

    [Fact]
    public async Task Connection_that_never_completes_runs_into_the_connect_timeout()
    {
        var clock = new FakeTimeProvider();
        var dialling = new TaskCompletionSource();
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Clock = clock,
            Transport = new TransportOptions
            {
                DialOver = async (_, stop) =>
                {
                    dialling.TrySetResult();
                    await Task.Delay(Timeout.Infinite, stop);
                    return Stream.Null;
                },
            },
        });
        var call = client.GetAsync("http://127.0.0.1:1/", cancellationToken: TestContext.Current.CancellationToken);
        await dialling.Task;
        clock.Advance(Timeouts.Default.Connect);
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => call.WaitAsync(RawAnswer.Patience));
        Assert.Equal((ErrorCodes.TimeoutConnect, TimeoutKind.Connect, NetworkPhase.Connect, WasSent.Never), (error.Code, error.Kind, error.Phase, error.WasSent));
    }

    [Fact]
    public async Task Proxy_that_never_answers_runs_into_the_connect_timeout()
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { Decide = _ => ProxyDecision.Stall });
        var options = RawAnswer.Options with
        {
            Timeouts = new Timeouts { Connect = Short, Total = RawAnswer.Patience },
            Transport = new TransportOptions { Proxy = ProxyOptions.Parse(proxy.Url()) },
        };
        var error = await RawAnswer.FailureAsync(new Uri("https://127.0.0.1:1/"), options);
        Assert.Equal((ErrorCodes.TimeoutConnect, NetworkPhase.Proxy, WasSent.Never), (error.Code, error.Phase, error.WasSent));
    }

    [Fact]
    public async Task Total_spans_retries_and_their_waits_and_says_where_the_time_went()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        server.Map("GET", "/stall", exchange => exchange.RouteStallAsync());
        var asked = 0;
        server.Map("GET", "/", exchange => Interlocked.Increment(ref asked) < 3 ? exchange.RespondAsync(503) : exchange.RouteStallAsync());
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Timeouts = new Timeouts { Total = TimeSpan.FromMilliseconds(600) },
            Retry = new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(40), MaxDelay = TimeSpan.FromMilliseconds(40), Jitter = () => 0.99 },
        });
        var error = Assert.IsType<NetworkTimeoutException>(await RawAnswer.FailureAsync(client, server.Url));
        Assert.Equal((ErrorCodes.TimeoutTotal, TimeoutKind.Total, NetworkPhase.FirstByte, WasSent.Maybe), (error.Code, error.Kind, error.Phase, error.WasSent));
        Assert.Equal(3, asked);
        Assert.Contains("earlier attempts", error.Message);
        Assert.Contains("0.6 s", error.Message);
        Assert.Equal([503, 503, null], error.Attempts.Select(attempt => attempt.Status));
        Assert.InRange(error.Elapsed, TimeSpan.FromMilliseconds(550), RawAnswer.Patience);
    }

    [Fact]
    public async Task Total_spans_redirects_and_the_body()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", "/body")]))
            .Map("GET", "/body", async exchange =>
            {
                var body = await exchange.StartAsync(200, length: 100);
                await body.WriteAsync(new byte[10]);
                await exchange.RouteStallAsync();
            });
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Timeouts = new Timeouts { Total = TimeSpan.FromMilliseconds(400) } });
        Assert.Equal((ErrorCodes.TimeoutTotal, NetworkPhase.Receive, WasSent.Yes), (error.Code, error.Phase, error.WasSent));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Total_spans_a_streamed_body_that_is_read_after_the_call()
    {
        await using var server = RawAnswer.ThenStall("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        using var client = new HTTPClient(RawAnswer.Options with { Timeouts = new Timeouts { Total = TimeSpan.FromMilliseconds(400) } });
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => response.OpenStream().CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal(TimeoutKind.Total, error.Kind);
    }

    [Fact]
    public async Task Total_holds_while_a_connection_is_waited_for()
    {
        await using var server = ScriptedServer.Start((peer, stop) => peer.StallAsync(stop));
        using var client = new HTTPClient(RawAnswer.Options with { Transport = new TransportOptions { Pool = new PoolOptions { MaxConnectionsPerHost = 1 } } });
        using var hold = new CancellationTokenSource();
        var holding = client.GetAsync(server.Url.ToString(), cancellationToken: hold.Token);
        await server.WaitForConnectionsAsync(1, TestContext.Current.CancellationToken);
        var error = await RawAnswer.FailureAsync(client, server.Url, new RequestOptions { Timeouts = new Timeouts { Total = Short } });
        Assert.Equal((ErrorCodes.TimeoutTotal, NetworkPhase.Wait, WasSent.Never), (error.Code, error.Phase, error.WasSent));
        Assert.Equal(1, server.ConnectionCount);
        await hold.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => holding);
    }

    [Fact]
    public async Task Deadline_is_shared_by_calls_and_the_second_has_what_the_first_left()
    {
        var clock = new FakeTimeProvider();
        await using var server = LoopbackServer.Start();
        var asked = new TaskCompletionSource();
        server.Map("GET", "/fast", exchange => exchange.RespondAsync(200)).Map("GET", "/slow", exchange =>
        {
            asked.TrySetResult();
            return exchange.RouteStallAsync();
        });
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Timeouts = Timeouts.Default });
        var shared = new RequestOptions { Deadline = Deadline.After(TimeSpan.FromSeconds(30), clock) };
        (await client.GetAsync(server.Url + "fast", shared, TestContext.Current.CancellationToken)).Dispose();
        clock.Advance(TimeSpan.FromSeconds(20));
        var call = client.GetAsync(server.Url + "slow", shared, TestContext.Current.CancellationToken);
        await asked.Task.WaitAsync(RawAnswer.Patience, TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => call.WaitAsync(RawAnswer.Patience));
        Assert.Equal((TimeoutKind.Total, TimeSpan.FromSeconds(10)), (error.Kind, error.Elapsed));
        Assert.Contains("10 s", error.Message);
    }

    [Fact]
    public async Task Deadline_that_has_passed_ends_the_call_before_anything_is_sent()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        var error = await RawAnswer.FailureAsync(client, new Uri(server.Url, "get"), new RequestOptions { Deadline = Deadline.After(TimeSpan.Zero) });
        Assert.Equal((ErrorCodes.TimeoutTotal, WasSent.Never), (error.Code, error.WasSent));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task First_byte_timeout_of_a_failed_attempt_is_tried_again_for_an_idempotent_method()
    {
        await using var server = LoopbackServer.Start();
        var asked = 0;
        server.Map("GET", "/", exchange => Interlocked.Increment(ref asked) == 1 ? exchange.RouteStallAsync() : exchange.RespondAsync(200, "second"));
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Timeouts = new Timeouts { FirstByte = TimeSpan.FromMilliseconds(300), Total = RawAnswer.Patience },
            Retry = new RetryOptions { BaseDelay = TimeSpan.Zero },
        });
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("second", response.Text);
        Assert.Equal([ErrorCodes.TimeoutFirstByte, null], response.Attempts.Select(attempt => attempt.Code));
    }

    [Fact]
    public async Task Slow_reader_of_a_streamed_body_is_not_taken_for_a_slow_server()
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(new byte[100_000]));
        using var client = new HTTPClient(RawAnswer.Options with { Timeouts = new Timeouts { Idle = TimeSpan.FromMilliseconds(100), Total = RawAnswer.Patience } });
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        var stream = response.OpenStream();
        await stream.ReadExactlyAsync(new byte[10], TestContext.Current.CancellationToken);
        // The reader does something else for longer than the idle timeout.
        using (var elsewhere = new CancellationTokenSource(TimeSpan.FromMilliseconds(300)))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, elsewhere.Token));
        var rest = new MemoryStream();
        await stream.CopyToAsync(rest, TestContext.Current.CancellationToken);
        Assert.Equal(100_000 - 10, rest.Length);
    }
}
