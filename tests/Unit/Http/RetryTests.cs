using System.Globalization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>What is sent again, after how long, and what never is.</summary>
public class RetryTests
{
    private static readonly HTTPClientOptions Eager = RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } };

    [Theory]
    [InlineData("GET", 3)]
    [InlineData("HEAD", 3)]
    [InlineData("PUT", 3)]
    [InlineData("DELETE", 3)]
    [InlineData("OPTIONS", 3)]
    [InlineData("POST", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("PURGE", 1)]
    public async Task Only_an_idempotent_method_is_sent_again(string method, int times)
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(Eager);
        using var response = await client.SendAsync(new Request(method, server.Url + "status/503"), TestContext.Current.CancellationToken);
        Assert.Equal((503, times), (response.Status, server.Requests.Count));
    }

    [Fact]
    public async Task Post_with_an_idempotency_key_is_sent_again_with_the_same_key()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(Eager);
        using var response = await client.PostAsync(server.Url + "flaky/k/2", RequestBody.Text("x"), new RequestOptions { IdempotencyKey = "key-1" }, TestContext.Current.CancellationToken);
        Assert.Equal((200, 3), (response.Status, server.Requests.Count));
        Assert.All(server.Requests, request => Assert.Equal("key-1", request.Headers["Idempotency-Key"]));
    }

    [Fact]
    public async Task Post_is_sent_again_where_the_caller_says_so()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(Eager with { Retry = Eager.Retry with { RepeatUnsafeMethods = true } });
        using var response = await client.PostAsync(server.Url + "flaky/k/1", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, 2), (response.Status, server.Requests.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_that_may_have_been_seen_is_not_sent_again(bool reset)
    {
        var seen = 0;
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            if ((await peer.ReadRequestAsync(stop)).Length > 0)
                Interlocked.Increment(ref seen);
            if (reset)
                peer.Reset();
        });
        using var client = new HTTPClient(Eager);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => client.PostAsync(server.Url.ToString(), RequestBody.Text("x"), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((WasSent.Maybe, 1, 1), (error.WasSent, seen, server.ConnectionCount));
    }

    [Theory]
    [InlineData("POST", false)]
    [InlineData("POST", true)]
    [InlineData("PATCH", false)]
    [InlineData("PURGE", false)]
    public async Task Unsafe_request_on_a_connection_that_closes_under_it_is_not_sent_again_by_anybody(string method, bool withBody)
    {
        var seen = 0;
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", stop);
            // The next request on the same connection is read, and then the connection ends without a word.
            if ((await peer.ReadRequestAsync(stop)).StartsWith(method, StringComparison.Ordinal))
                Interlocked.Increment(ref seen);
        });
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        var request = new Request(method, server.Url.ToString()) { Body = withBody ? RequestBody.Text("x") : null };
        var error = await Assert.ThrowsAsync<ConnectionException>(() => client.SendAsync(request, TestContext.Current.CancellationToken));
        Assert.Equal((ErrorCodes.TcpClosedEarly, WasSent.Maybe, 1), (error.Code, error.WasSent, seen));
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Post_that_was_refused_is_sent_again()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var asked = 0;
        var resolver = new Transport.DnsScriptedResolver((_, _) => new(new Networking.Transport.ResolvedAddresses(
            [System.Net.IPAddress.Parse(Interlocked.Increment(ref asked) == 1 ? "127.0.0.9" : "127.0.0.1")], TimeSpan.Zero)));
        using var client = new HTTPClient(Eager with
        {
            Transport = new Networking.Transport.TransportOptions { Resolver = new Networking.Transport.ResolverOptions { Custom = resolver, DefaultTimeToLive = TimeSpan.Zero } },
        });
        using var response = await client.PostAsync($"http://moving.test:{server.Port}/post", RequestBody.Text("x"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(200, response.Status);
        Assert.Equal([ErrorCodes.TcpRefused, null], response.Attempts.Select(attempt => attempt.Code));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Answer_cut_off_in_its_body_is_asked_for_again()
    {
        var asked = 0;
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", async exchange =>
        {
            var body = await exchange.StartAsync(200, length: 10);
            await body.WriteAsync(new byte[Interlocked.Increment(ref asked) == 1 ? 5 : 10]);
        });
        using var client = new HTTPClient(Eager);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((10, 2), (response.Content.Length, asked));
        Assert.Equal(ErrorCodes.HttpTruncated, response.Attempts[0].Code);
    }

    [Theory]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: ftp://a.test/\r\n\r\n")]
    public async Task Error_that_would_only_come_again_is_not_tried_again(string answer)
    {
        await using var server = RawAnswer.ThenClose(answer);
        var error = await RawAnswer.FailureAsync(server.Url, Eager);
        Assert.False(error.IsTransient);
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Retry_after_is_waited_for_and_then_the_request_is_sent_again()
    {
        var clock = new FakeTimeProvider();
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Retry = new RetryOptions(), Timeouts = Timeouts.Default });
        var call = client.GetAsync(server.Url + "flaky/k/1?status=429", cancellationToken: TestContext.Current.CancellationToken);
        await AdvanceUntilAsync(clock, call, TimeSpan.FromMilliseconds(100));
        using var response = await call;
        Assert.Equal((200, 2), (response.Status, server.Requests.Count));
    }

    [Theory]
    [InlineData("Retry-After: 20", 20.0)]
    [InlineData("Retry-After: 0", 0.0)]
    [InlineData("retry-after-ms: 1500", 1.5)]
    [InlineData("retry-after-ms: 1500\r\nRetry-After: 20", 1.5)]
    [InlineData("retry-after-ms: x\r\nRetry-After: 20", 20.0)]
    [InlineData("Retry-After: Wed, 01 Jan 2025 00:00:25 GMT", 25.0)]
    [InlineData("Retry-After: Wednesday, 01-Jan-25 00:00:25 GMT", 25.0)]
    [InlineData("Retry-After: Wed Jan  1 00:00:25 2025", 25.0)]
    [InlineData("Retry-After: Tue, 31 Dec 2024 23:59:59 GMT", 0.0)]
    [InlineData("Retry-After: soon", null)]
    [InlineData("Retry-After: -5", null)]
    [InlineData("Retry-After: NaN", null)]
    [InlineData("Retry-After: Infinity", null)]
    [InlineData("Retry-After: -Infinity", null)]
    [InlineData("Retry-After: 1e3", null)]
    [InlineData("Retry-After: 5, 10", null)]
    [InlineData("Retry-After:", null)]
    [InlineData("Retry-After: 99999999999999999999999999999999999999999", 31536000.0)]
    [InlineData("Retry-After: 99999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999", null)]
    public async Task Retry_after_is_read_in_each_of_its_forms(string field, double? seconds)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = RawAnswer.ThenClose($"HTTP/1.1 503 Busy\r\n{field}\r\nContent-Length: 0\r\n\r\n");
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock });
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(seconds, response.RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Retry_after_beyond_the_cap_fails_at_once_with_the_time_to_come_back(int status)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(Eager with { Clock = clock });
        var error = Assert.IsType<RateLimitException>(await RawAnswer.FailureAsync(client, new Uri(server.Url, $"status/{status.ToString(CultureInfo.InvariantCulture)}?retry_after=31")));
        Assert.Equal((ErrorCodes.RateLimited, TimeSpan.FromSeconds(31), clock.GetUtcNow().AddSeconds(31), true), (error.Code, error.RetryAfter, error.RetryAt, error.IsTransient));
        Assert.Equal(WasSent.Yes, error.WasSent);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Wait_that_would_outlast_the_deadline_is_not_begun()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(Eager with { Timeouts = new Timeouts { Total = TimeSpan.FromSeconds(5) } });
        using var response = await client.GetAsync(server.Url + "status/503?retry_after=20", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((503, 1), (response.Status, server.Requests.Count));
    }

    [Fact]
    public async Task Waits_double_up_to_their_bound_and_are_scattered()
    {
        var clock = new FakeTimeProvider();
        var jitter = new Queue<double>([0.5, 1, 0, 0.999]);
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Clock = clock,
            Timeouts = Timeouts.Default,
            Retry = new RetryOptions { Retries = 4, BaseDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(2), Jitter = () => jitter.Dequeue() },
        });
        var start = clock.GetUtcNow();
        var call = client.GetAsync(server.Url + "status/503", cancellationToken: TestContext.Current.CancellationToken);
        await AdvanceUntilAsync(clock, call, TimeSpan.FromMilliseconds(50));
        using var response = await call;
        Assert.Equal((503, 5), (response.Status, server.Requests.Count));
        // 0.5 s of 1, 2 s of 2, none, 1.998 s of 2.
        Assert.InRange(clock.GetUtcNow() - start, TimeSpan.FromSeconds(4.4), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task Streamed_answer_that_is_tried_again_gives_its_timer_back_once()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(Eager with { Retry = Eager.Retry with { BudgetReserve = 1000 } });
        for (var i = 0; i < 20; i++)
        {
            using var response = await client.StreamAsync($"{server.Url}flaky/{i.ToString(CultureInfo.InvariantCulture)}/2", cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(200, response.Status);
        }
        var rented = Enumerable.Range(0, 200).Select(_ => PhaseTimers.Rent(TimeProvider.System)).ToArray();
        Assert.Equal(rented.Length, rented.Distinct(ReferenceEqualityComparer.Instance).Count());
        Array.ForEach(rented, timer => timer.Dispose());
    }

    [Theory]
    [InlineData(503, "false", 1)]
    [InlineData(503, "FALSE", 1)]
    [InlineData(409, "true", 2)]
    [InlineData(500, "true", 2)]
    [InlineData(503, "maybe", 2)]
    [InlineData(409, "", 1)]
    [InlineData(200, "true", 1)]
    public async Task X_should_retry_goes_before_the_list_of_statuses(int status, string value, int times)
    {
        var server = new MockTransport();
        server.When("GET", "*").Reply(new MockReply { Status = status, Headers = new() { ["x-should-retry"] = value } }).Reply(200);
        using var client = new HTTPClient(Eager with { MessageHandler = server });
        using var response = await client.GetAsync("http://api.test/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(times, server.Calls.Count);
    }

    [Fact]
    public async Task X_should_retry_repeats_no_request_that_is_not_safe_to_repeat()
    {
        var server = new MockTransport();
        server.When("POST", "*").Reply(new MockReply { Status = 500, Headers = new() { ["x-should-retry"] = "true" } });
        using var client = new HTTPClient(Eager with { MessageHandler = server });
        using var response = await client.PostAsync("http://api.test/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single(server.Calls);
    }

    /// <summary>Lets fake time pass in small steps until a call is over: the waits begin only after real answers.</summary>
    private static async Task AdvanceUntilAsync(FakeTimeProvider clock, Task call, TimeSpan step)
    {
        for (var i = 0; !call.IsCompleted; i++)
        {
            Assert.True(i < 100_000, "The call did not end.");
            clock.Advance(step);
            await Task.Yield();
            using var pause = new CancellationTokenSource(TimeSpan.FromMilliseconds(2));
            await Task.WhenAny(call, Task.Delay(Timeout.Infinite, pause.Token));
        }
    }
}
