using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Per-host rate limiter fed by RateLimit, x-ratelimit and vendor headers; bulkhead. On a fake clock: nothing sleeps.</summary>
public class HostLimitTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MockTransport _server;

    public HostLimitTests() => _server = new MockTransport(_clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client(HostLimitOptions limits, RetryOptions? retry = null) =>
        new(new HTTPClientOptions { MessageHandler = _server, Clock = _clock, HostLimits = limits, Retry = retry ?? RetryOptions.None });

    private static Task<Response> Get(HTTPClient client, RequestOptions? options = null, string url = "http://api.test/") =>
        client.GetAsync(url, options, Stop);

    private async Task PassAsync(double seconds, params Task[] over)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        await Task.WhenAll(over).WaitAsync(RawAnswer.Patience);
    }

    [Fact]
    public async Task Requests_to_a_host_keep_to_the_rate_after_a_burst()
    {
        _server.When("GET", "*");
        using var client = Client(new HostLimitOptions { RequestsPerSecond = 2, Burst = 3 });
        var calls = Enumerable.Range(0, 6).Select(_ => Get(client)).ToArray();
        Assert.Equal(3, _server.Calls.Count);
        await PassAsync(0.5, calls[3]);
        Assert.Equal(4, _server.Calls.Count);
        await PassAsync(0.5, calls[4]);
        await PassAsync(0.5, calls[5]);
        Assert.Equal(6, _server.Calls.Count);
    }

    [Fact]
    public async Task Each_host_has_its_own_rate_unless_a_key_joins_them()
    {
        _server.When("GET", "*");
        using var client = Client(new HostLimitOptions { RequestsPerSecond = 1 });
        await Task.WhenAll(Get(client, url: "http://a.test/"), Get(client, url: "http://b.test/"), Get(client, url: "http://b.test:81/"));
        using var joined = Client(new HostLimitOptions { RequestsPerSecond = 1, MaxWait = TimeSpan.Zero, Key = _ => "all" });
        await Get(joined, url: "http://a.test/");
        await Assert.ThrowsAsync<RateLimitException>(() => Get(joined, url: "http://b.test/"));
    }

    [Fact]
    public async Task Derived_clients_and_new_headers_do_not_renew_the_limit()
    {
        _server.When("GET", "*");
        using var client = Client(new HostLimitOptions { RequestsPerSecond = 1, MaxWait = TimeSpan.Zero });
        using var derived = client.With(options => options with { UserAgent = "other" });
        await Get(client);
        client.SetHeaders(new() { ["X-Trace"] = "1" });
        await Assert.ThrowsAsync<RateLimitException>(() => Get(client));
        await Assert.ThrowsAsync<RateLimitException>(() => Get(derived));
    }

    [Fact]
    public async Task Who_may_not_wait_fails_at_once_with_the_time_and_nothing_is_sent()
    {
        _server.When("GET", "*");
        using var client = Client(new HostLimitOptions { RequestsPerSecond = 0.1, MaxWait = TimeSpan.Zero }, RetryOptions.Default);
        await Get(client);
        var error = await Assert.ThrowsAsync<RateLimitException>(() => Get(client));
        Assert.Equal((ErrorCodes.RateLimited, WasSent.Never, NetworkPhase.Wait, true), (error.Code, error.WasSent, error.Phase, error.IsTransient));
        Assert.Equal((TimeSpan.FromSeconds(10), _clock.GetUtcNow().AddSeconds(10)), (error.RetryAfter, error.RetryAt));
        Assert.Equal("api.test:80", error.Endpoint?.ToString());
        Assert.Single(_server.Calls);
    }

    [Fact]
    public async Task Wait_that_would_outlast_the_deadline_or_the_longest_wait_is_not_begun()
    {
        _server.When("GET", "*");
        using var client = Client(new HostLimitOptions { RequestsPerSecond = 1, MaxWait = TimeSpan.FromSeconds(2) });
        await Get(client);
        var late = new RequestOptions { Deadline = Deadline.After(TimeSpan.FromMilliseconds(500), _clock) };
        Assert.Contains("0.5 s left", (await Assert.ThrowsAsync<RateLimitException>(() => Get(client, late))).Message);
        Task<Response>[] waiting = [Get(client), Get(client)];
        var error = await Assert.ThrowsAsync<RateLimitException>(() => Get(client));
        Assert.Equal(TimeSpan.FromSeconds(3), error.RetryAfter);
        await PassAsync(1, waiting[0]);
        await PassAsync(1, waiting[1]);
    }

    [Fact]
    public async Task Higher_priority_goes_first_and_within_one_who_came_first()
    {
        _server.When("GET", "*");
        using var client = Client(new HostLimitOptions { RequestsPerSecond = 1 });
        await Get(client);
        Task<Response>[] calls =
        [
            Get(client, url: "http://api.test/low", options: new() { Priority = -1 }), Get(client, url: "http://api.test/1"), Get(client, url: "http://api.test/2"),
            Get(client, url: "http://api.test/high", options: new() { Priority = 5 }),
        ];
        foreach (var i in (int[])[3, 1, 2, 0])
            await PassAsync(1, calls[i]);
        Assert.Equal(["/", "/high", "/1", "/2", "/low"], _server.Calls.Select(call => call.Url.AbsolutePath));
    }

    [Fact]
    public async Task Cancelled_caller_leaves_the_queue_and_the_next_one_takes_the_place()
    {
        _server.When("GET", "*");
        using var client = Client(new HostLimitOptions { RequestsPerSecond = 1 });
        await Get(client);
        using var own = new CancellationTokenSource();
        var first = client.GetAsync("http://api.test/first", cancellationToken: own.Token);
        var second = Get(client);
        await own.CancelAsync();
        Assert.Equal(own.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first)).CancellationToken);
        await PassAsync(1, second);
        Assert.DoesNotContain(_server.Calls, call => call.Url.AbsolutePath == "/first");
    }

    [Theory]
    [InlineData(429, "Retry-After", "7")]
    [InlineData(503, "retry-after-ms", "7000")]
    [InlineData(429, "Retry-After", "Thu, 01 Jan 2026 00:00:07 GMT")]
    public async Task Status_429_or_503_with_retry_after_pauses_that_host_for_all_callers(int status, string field, string value)
    {
        _server.When("GET", "http://api.test/*").Reply(new MockReply { Status = status, Headers = new() { [field] = value } }).Reply(200);
        _server.When("GET", "http://other.test/");
        using var client = Client(HostLimitOptions.Default);
        Assert.Equal(status, (await Get(client)).Status);
        var others = Enumerable.Range(0, 3).Select(_ => Get(client)).ToArray();
        Assert.Single(_server.Calls);
        await Get(client, url: "http://other.test/");
        await PassAsync(6.9);
        Assert.Equal(2, _server.Calls.Count);
        await PassAsync(0.1, others);
        Assert.Equal(5, _server.Calls.Count);
    }

    [Fact]
    public async Task Quota_of_requests_that_is_used_up_holds_callers_until_it_resets()
    {
        _server.When("GET", "*").Reply(Left("requests", 1, "5s")).Reply(Left("requests", 0, "5s")).Reply(Left("requests", 9, "60s"));
        using var client = Client(HostLimitOptions.Default);
        await Get(client);
        await Get(client);
        var waiting = Get(client);
        Assert.Equal(2, _server.Calls.Count);
        await PassAsync(4.9);
        Assert.Equal(2, _server.Calls.Count);
        await PassAsync(0.1, waiting);
        Assert.Equal(3, _server.Calls.Count);
    }

    [Fact]
    public async Task Requests_under_way_count_against_a_quota_that_may_not_know_of_them()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.When("GET", "*").Reply(Left("requests", 2, "60s")).Reply(async (_, _) =>
        {
            await go.Task;
            return Left("requests", 0, "60s");
        });
        using var client = Client(HostLimitOptions.Default with { MaxWait = TimeSpan.FromSeconds(1) });
        await Get(client);
        Task<Response>[] two = [Get(client), Get(client)];
        var error = await Assert.ThrowsAsync<RateLimitException>(() => Get(client));
        Assert.Equal((TimeSpan.FromSeconds(60), 3), (error.RetryAfter, _server.Calls.Count));
        go.SetResult();
        await Task.WhenAll(two);
    }

    [Fact]
    public async Task Quota_of_tokens_holds_only_requests_that_cost_more_than_is_left()
    {
        _server.When("GET", "*").Reply(Left("tokens", 1000, "30s"));
        using var client = Client(HostLimitOptions.Default with { MaxWait = TimeSpan.Zero });
        await Get(client, new() { TokenCost = 100 });
        await Get(client, new() { TokenCost = 1000 });
        var error = await Assert.ThrowsAsync<RateLimitException>(() => Get(client, new() { TokenCost = 1001 }));
        Assert.Equal(TimeSpan.FromSeconds(30), error.RetryAfter);
        await Get(client);
        _clock.Advance(TimeSpan.FromSeconds(30));
        await Get(client, new() { TokenCost = 1001 });
    }

    [Fact]
    public async Task Window_of_unknown_size_that_is_over_is_asked_about_by_one_request()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.When("GET", "*").Reply(Left("requests", 0, "5s")).Reply(async (_, _) =>
        {
            await go.Task;
            return Left("requests", 50, "60s");
        });
        using var client = Client(HostLimitOptions.Default);
        await Get(client);
        var waiting = Enumerable.Range(0, 4).Select(_ => Get(client)).ToArray();
        await PassAsync(5);
        Assert.True(SpinWait.SpinUntil(() => _server.Calls.Count == 2, RawAnswer.Patience));
        go.SetResult();
        Assert.True(SpinWait.SpinUntil(() => _server.Calls.Count == 5, RawAnswer.Patience));
        await PassAsync(1, waiting);
    }

    [Fact]
    public async Task Hostile_quota_holds_nobody_for_longer_than_a_day()
    {
        _server.When("GET", "*").Reply(Left("requests", 0, "9999h"));
        using var client = Client(HostLimitOptions.Default);
        await Get(client);
        Assert.Equal(TimeSpan.FromDays(1), (await Assert.ThrowsAsync<RateLimitException>(() => Get(client))).RetryAfter);
        _clock.Advance(TimeSpan.FromDays(1));
        await Get(client);
    }

    [Fact]
    public async Task What_the_server_says_is_not_followed_where_that_is_off()
    {
        _server.When("GET", "*").Reply(Left("requests", 0, "60s"));
        using var client = Client(HostLimitOptions.Default with { FollowsServer = false });
        await Get(client);
        await Get(client);
    }

    [Fact]
    public async Task Bulkhead_bounds_requests_at_a_time_and_those_that_wait()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.When("GET", "*").Reply(async (_, _) =>
        {
            await go.Task;
            return new MockReply();
        });
        using var client = Client(new HostLimitOptions { Concurrency = 2, QueueLength = 3 });
        var calls = Enumerable.Range(0, 5).Select(_ => Get(client)).ToArray();
        Assert.Equal(2, _server.Calls.Count);
        var error = await Assert.ThrowsAsync<RateLimitException>(() => Get(client));
        Assert.Equal((ErrorCodes.RateQueueFull, WasSent.Never, true), (error.Code, error.WasSent, error.IsTransient));
        go.SetResult();
        await Task.WhenAll(calls).WaitAsync(RawAnswer.Patience);
        Assert.Equal(5, _server.Calls.Count);
    }

    [Fact]
    public async Task Streamed_response_keeps_its_place_until_it_has_been_read_or_let_go_of()
    {
        _server.When("GET", "*").Reply(200, "body");
        using var client = Client(new HostLimitOptions { Concurrency = 1 });
        var first = await client.StreamAsync("http://api.test/", cancellationToken: Stop);
        var second = client.StreamAsync("http://api.test/", cancellationToken: Stop);
        Assert.Single(_server.Calls);
        first.Dispose();
        var read = await second.WaitAsync(RawAnswer.Patience);
        var third = client.StreamAsync("http://api.test/", cancellationToken: Stop);
        Assert.Equal(2, _server.Calls.Count);
        await read.OpenStream().CopyToAsync(Stream.Null, Stop);
        (await third.WaitAsync(RawAnswer.Patience)).Dispose();
    }

    [Theory]
    [InlineData(ErrorCodes.TcpReset, null)]
    [InlineData(null, 1)]
    public async Task Failed_request_gives_its_place_back(string? code, int? resetAfter)
    {
        _server.When("GET", "*").Reply(MockReply.Text(200, "body") with { ResetAfter = resetAfter, Failure = code is null ? null : new NetworkFailure { Code = code, Message = "x" } });
        using var client = Client(new HostLimitOptions { Concurrency = 1, MaxWait = TimeSpan.Zero });
        for (var i = 0; i < 3; i++)
            Assert.Equal(ErrorCodes.TcpReset, (await Assert.ThrowsAsync<ConnectionException>(() => Get(client))).Code);
    }

    [Fact]
    public async Task Retry_waits_for_room_like_any_request_and_the_refusal_of_a_limit_is_not_retried()
    {
        _server.When("GET", "*").Reply(503).Reply(200);
        using var client = Client(new HostLimitOptions { RequestsPerSecond = 1 }, new RetryOptions { BaseDelay = TimeSpan.Zero });
        var call = Get(client);
        Assert.True(SpinWait.SpinUntil(() => _server.Calls.Count == 1, RawAnswer.Patience));
        Assert.False(call.IsCompleted);
        while (!call.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }
        Assert.Equal((200, 2), ((await call).Status, _server.Calls.Count));
    }

    [Fact]
    public async Task Limiter_forgets_hosts_that_are_as_new_and_keeps_those_that_wait()
    {
        _server.When("GET", "*");
        using var client = Client(new HostLimitOptions { RequestsPerSecond = 1000, MaxWait = TimeSpan.Zero });
        for (var i = 0; i < 5000; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            (await Get(client, url: $"http://h{i}.test/")).Dispose();
        }
        await Assert.ThrowsAsync<RateLimitException>(() => Get(client, url: "http://h4999.test/"));
    }

    [Fact]
    public void Options_that_make_no_sense_name_the_property()
    {
        foreach (var (wrong, name) in new (HostLimitOptions, string)[]
        {
            (new() { RequestsPerSecond = 0 }, "RequestsPerSecond"), (new() { RequestsPerSecond = double.NaN }, "RequestsPerSecond"), (new() { Burst = 0 }, "Burst"),
            (new() { Concurrency = 0 }, "Concurrency"), (new() { QueueLength = -1 }, "QueueLength"), (new() { MaxWait = TimeSpan.FromSeconds(-2) }, "MaxWait"),
        })
            Assert.Contains($"HostLimitOptions.{name}", Assert.Throws<ArgumentOutOfRangeException>(() => new HTTPClient(new HTTPClientOptions { HostLimits = wrong })).Message);
    }

    private static MockReply Left(string name, int remaining, string reset) => new()
    {
        Headers = new() { [$"x-ratelimit-remaining-{name}"] = remaining.ToString(System.Globalization.CultureInfo.InvariantCulture), [$"x-ratelimit-reset-{name}"] = reset },
    };
}
