using System.Diagnostics;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Redis;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using StackExchange.Redis;

namespace Codomyrmex.Networking.Tests.Integration.Redis;

/// <summary>A header-learned limiter shared by processes, on a real Redis. Each limiter has a connection of its own, as each process has.</summary>
public sealed class RedisSharedLimiterTests : IAsyncLifetime
{
    private const string Url = "http://api.test/";

    private readonly int _port = ServerProcess.FreePort();
    private readonly MockTransport _api = new();
    private readonly List<IAsyncDisposable> _open = [];
    private ServerProcess _redis = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync(_port);

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _open)
            await one.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private RedisSharedLimiter Limiter(RedisLossPolicy onLoss = RedisLossPolicy.FailClosed)
    {
        var limiter = new RedisSharedLimiter(new RedisLimiterOptions { Configuration = $"127.0.0.1:{_port}", OnLoss = onLoss });
        _open.Add(limiter);
        return limiter;
    }

    /// <summary>A client as another process would have it: it shares nothing with the others but Redis.</summary>
    private HTTPClient Process(HostLimitOptions limits, RedisLossPolicy onLoss = RedisLossPolicy.FailClosed)
    {
        var client = new HTTPClient(new HTTPClientOptions { MessageHandler = _api, HostLimits = limits with { Shared = Limiter(onLoss) }, Retry = RetryOptions.None });
        _open.Add(client);
        return client;
    }

    [Fact]
    public async Task Processes_that_share_a_limit_never_exceed_it_together()
    {
        const int Burst = 5;
        const double Rate = 100;
        const int Each = 40;
        var served = new List<long>();
        _api.When("GET", "*").Reply((_, _) =>
        {
            lock (served)
                served.Add(Stopwatch.GetTimestamp());
            return new ValueTask<MockReply>(new MockReply());
        });
        var limits = new HostLimitOptions { RequestsPerSecond = Rate, Burst = Burst };
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 3).SelectMany(_ =>
        {
            var process = Process(limits);
            return Enumerable.Range(0, Each).Select(async _ => (await process.GetAsync(Url, cancellationToken: Stop)).Dispose());
        }));
        Assert.Equal(3 * Each, served.Count);
        Assert.All(served.Order().Index(), call =>
        {
            var allowed = Burst + (Stopwatch.GetElapsedTime(start, call.Item).TotalSeconds * Rate);
            Assert.True(call.Index + 1 <= allowed + 1e-6, $"{call.Index + 1} requests, {allowed:0.00} allowed");
        });
        // The three do get what there is: a limit of each alone would have let this end in a third of the time.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, ((3 * Each) - Burst) / Rate, 20);
    }

    [Fact]
    public async Task Quota_and_pause_that_one_process_is_told_of_hold_the_others()
    {
        _api.When("GET", "/tokens").Reply(new MockReply { Headers = new() { ["x-ratelimit-remaining-tokens"] = "100", ["x-ratelimit-reset-tokens"] = "1h", ["x-ratelimit-limit-tokens"] = "1000" } });
        _api.When("GET", "/busy").Reply(new MockReply { Status = 429, Headers = new() { ["Retry-After"] = "3600" } });
        var (one, two) = (Process(HostLimitOptions.Default with { MaxWait = TimeSpan.FromSeconds(5) }), Process(HostLimitOptions.Default with { MaxWait = TimeSpan.FromSeconds(5) }));
        await one.GetAsync(Url + "tokens", cancellationToken: Stop);
        await two.GetAsync(Url + "tokens", new() { TokenCost = 60 }, Stop);
        var spent = await Assert.ThrowsAsync<RateLimitException>(() => two.GetAsync(Url + "tokens", new() { TokenCost = 101 }, Stop));
        Assert.InRange(spent.RetryAfter!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        using var third = Process(HostLimitOptions.Default with { MaxWait = TimeSpan.FromSeconds(5) });
        Assert.Equal(ErrorCodes.RateLimited, (await Assert.ThrowsAsync<RateLimitException>(() => third.GetAsync(Url + "tokens", new() { TokenCost = 101 }, Stop))).Code);
        await two.GetAsync(Url + "busy", cancellationToken: Stop);
        var paused = await Assert.ThrowsAsync<RateLimitException>(() => third.GetAsync(Url, cancellationToken: Stop));
        Assert.InRange(paused.RetryAfter!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        Assert.Equal(WasSent.Never, paused.WasSent);
    }

    [Fact]
    public async Task Tokens_taken_by_all_processes_together_stay_within_the_quota()
    {
        _api.When("GET", "*").Reply(new MockReply { Headers = new() { ["x-ratelimit-remaining-tokens"] = "1000", ["x-ratelimit-reset-tokens"] = "1h" } });
        await Process(HostLimitOptions.Default).GetAsync(Url, cancellationToken: Stop);
        var passed = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Limiter()).SelectMany(limiter => Enumerable.Range(0, 10).Select(async _ =>
        {
            if (await limiter.TakeAsync(new SharedDemand("api.test:80", null, 1, 70), Stop) == TimeSpan.Zero)
                Interlocked.Increment(ref passed);
        })));
        Assert.Equal(1000 / 70, passed);
    }

    [Fact]
    public async Task Counts_expire_when_they_are_as_new()
    {
        var limiter = Limiter();
        Assert.Equal(TimeSpan.Zero, await limiter.TakeAsync(new SharedDemand("host", 10, 1, 0), Stop));
        Assert.InRange(await limiter.TakeAsync(new SharedDemand("host", 10, 1, 0), Stop), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100));
        await limiter.ReportAsync(new SharedReport("server", null, [new RateLimitQuota("x", RateLimitUnit.Requests, null, 5, TimeProvider.System.GetUtcNow().AddDays(900))]), Stop);
        await using var raw = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_port}");
        var keys = raw.GetServer("127.0.0.1", _port).Keys().Select(key => key.ToString()).Order().ToArray();
        Assert.Equal(["codomyrmex:limit:host", "codomyrmex:limit:server"], keys);
        Assert.InRange((await raw.GetDatabase().KeyTimeToLiveAsync(keys[0]))!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1.2));
        Assert.InRange((await raw.GetDatabase().KeyTimeToLiveAsync(keys[1]))!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(25));
    }

    [Fact]
    public async Task Hostile_names_of_quotas_do_not_fill_the_store()
    {
        var limiter = Limiter();
        for (var i = 0; i < 50; i++)
        {
            var quotas = Enumerable.Range(0, 16).Select(j => new RateLimitQuota($"{i}-{j}", RateLimitUnit.Requests, 10, 5, TimeProvider.System.GetUtcNow().AddHours(1)));
            await limiter.ReportAsync(new SharedReport("host", null, [.. quotas]), Stop);
        }
        await using var raw = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_port}");
        Assert.InRange(await raw.GetDatabase().HashLengthAsync("codomyrmex:limit:host"), 1, 103);
    }

    [Fact]
    public async Task Loss_of_redis_fails_closed_or_open_by_option_and_both_recover()
    {
        _api.When("GET", "*").Reply(new MockReply { Headers = new() { ["x-ratelimit-remaining"] = "1000", ["x-ratelimit-reset"] = "60" } });
        var limits = new HostLimitOptions { RequestsPerSecond = 10_000, Burst = 100 };
        var (closed, open) = (Process(limits), Process(limits, RedisLossPolicy.FailOpen));
        await closed.GetAsync(Url, cancellationToken: Stop);
        await open.GetAsync(Url, cancellationToken: Stop);

        _redis.Kill();
        var error = await Assert.ThrowsAsync<RateLimitException>(() => closed.GetAsync(Url, cancellationToken: Stop));
        Assert.Equal((ErrorCodes.RateStoreUnavailable, WasSent.Never, true, NetworkPhase.Wait), (error.Code, error.WasSent, error.IsTransient, error.Phase));
        Assert.Equal($"127.0.0.1:{_port}", Assert.Single(error.Attempts).Address);
        Assert.Equal(2, _api.Calls.Count);
        Assert.Equal(200, (await open.GetAsync(Url, cancellationToken: Stop)).Status);

        await _redis.DisposeAsync();
        _redis = await RedisServer.StartAsync(_port);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                Assert.Equal(200, (await closed.GetAsync(Url, cancellationToken: patience.Token)).Status);
                break;
            }
            catch (RateLimitException lost) when (lost.Code == ErrorCodes.RateStoreUnavailable)
            {
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Redis_that_was_never_there_is_a_loss_and_its_password_is_not_shown()
    {
        await using var limiter = new RedisSharedLimiter(new RedisLimiterOptions { Configuration = $"127.0.0.1:{ServerProcess.FreePort()},password=canary" });
        var error = await Assert.ThrowsAsync<RateLimitException>(() => limiter.TakeAsync(new SharedDemand("host", 1, 1, 0), Stop).AsTask());
        Assert.Equal(ErrorCodes.RateStoreUnavailable, error.Code);
        Assert.DoesNotContain("canary", error.ToString());
        Assert.DoesNotContain("canary", new RedisLimiterOptions { Configuration = "h,password=canary" }.ToString());
        Assert.DoesNotContain("canary", Assert.Throws<ArgumentException>(() => new RedisSharedLimiter(new RedisLimiterOptions { Configuration = "h,password=canary,nonsense=1" })).ToString());
    }

    [Fact]
    public async Task Stalled_redis_is_a_loss_after_the_timeout()
    {
        await using var silent = ScriptedServer.Start((peer, stop) => peer.StallAsync(stop));
        await using var limiter = new RedisSharedLimiter(new RedisLimiterOptions { Configuration = $"127.0.0.1:{silent.Url.Port}", Timeout = TimeSpan.FromMilliseconds(200) });
        var error = await Assert.ThrowsAsync<RateLimitException>(() => limiter.TakeAsync(new SharedDemand("host", 1, 1, 0), Stop).AsTask());
        Assert.Equal(ErrorCodes.RateStoreUnavailable, error.Code);
    }
}
