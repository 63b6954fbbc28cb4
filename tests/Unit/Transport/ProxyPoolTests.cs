using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>The pool of proxies by itself: order, sessions, health.</summary>
public class ProxyPoolTests
{
    private static readonly Endpoint Target = new("target.test", 443);

    private readonly FakeTimeProvider _clock = new();

    private static IReadOnlyList<ProxyOptions> Proxies(int count) => [.. Enumerable.Range(1, count).Select(i => ProxyOptions.Parse($"http://proxy{i}.test:3128"))];

    private ProxyPool Pool(int count, ProxyPoolOptions? options = null) => new(Proxies(count), (options ?? ProxyPoolOptions.Default) with { Clock = _clock });

    private static string Taken(ProxyPool pool, string? session = null) => pool.Take(session, Target).Proxy.Host;

    private static void Fail(ProxyPool pool, string? session = null, string code = ErrorCodes.ProxyRefused) =>
        pool.Take(session, Target).Judge(new NetworkFailure { Code = code, Message = "gone", BlamesProxy = true }.ToException());

    [Fact]
    public void Proxies_take_turns()
    {
        var pool = Pool(3);
        Assert.Equal(["proxy1.test", "proxy2.test", "proxy3.test", "proxy1.test"], Enumerable.Range(0, 4).Select(_ => Taken(pool)));
    }

    [Fact]
    public void Random_order_follows_the_numbers_it_is_given()
    {
        var numbers = new Queue<double>([0.99, 0.0, 0.5]);
        var pool = Pool(3, new ProxyPoolOptions { Rotation = ProxyRotation.Random, Random = numbers.Dequeue });
        Assert.Equal(["proxy3.test", "proxy1.test", "proxy2.test"], Enumerable.Range(0, 3).Select(_ => Taken(pool)));
    }

    [Fact]
    public void Session_keeps_its_proxy_until_that_fails_and_then_keeps_the_next()
    {
        var pool = Pool(3);
        Assert.Equal(["proxy1.test", "proxy2.test", "proxy1.test", "proxy2.test"], new[] { "a", "b", "a", "b" }.Select(key => Taken(pool, key)));
        Fail(pool, "a");
        Assert.Equal(("proxy3.test", "proxy3.test", "proxy2.test"), (Taken(pool, "a"), Taken(pool, "a"), Taken(pool, "b")));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("proxy3.test", Taken(pool, "a"));
        Assert.True(pool.ForgetSession("a"));
        Assert.False(pool.ForgetSession("a"));
        Assert.Equal("proxy1.test", Taken(pool, "a"));
    }

    [Fact]
    public void Sessions_are_remembered_up_to_a_limit()
    {
        var pool = Pool(3, new ProxyPoolOptions { Sessions = 2 });
        foreach (var key in new[] { "a", "b", "c" })
            Taken(pool, key);
        Assert.False(pool.ForgetSession("a"));
        Assert.True(pool.ForgetSession("c"));
    }

    [Fact]
    public void Failed_proxy_cools_down_twice_as_long_each_time_up_to_a_limit()
    {
        var pool = Pool(1, new ProxyPoolOptions { CoolDown = TimeSpan.FromSeconds(1), MaxCoolDown = TimeSpan.FromSeconds(5), RetireAfter = 0 });
        foreach (var seconds in new[] { 1, 2, 4, 5, 5 })
        {
            Fail(pool);
            var status = Assert.Single(pool.GetStatus());
            Assert.Equal((ProxyState.CoolingDown, TimeSpan.FromSeconds(seconds)), (status.State, status.AvailableIn));
            _clock.Advance(TimeSpan.FromSeconds(seconds));
        }
        pool.Take(null, Target).Succeeded();
        Assert.Equal((ProxyState.Available, 0, 6L), (pool.GetStatus()[0].State, pool.GetStatus()[0].Failures, pool.GetStatus()[0].Uses));
    }

    [Fact]
    public void Proxy_that_keeps_failing_is_retired_and_can_be_restored()
    {
        var pool = Pool(2, new ProxyPoolOptions { RetireAfter = 2, CoolDown = TimeSpan.Zero });
        Fail(pool);
        Taken(pool);
        Fail(pool);
        Assert.Equal([ProxyState.Retired, ProxyState.Available], pool.GetStatus().Select(status => status.State));
        Assert.Equal(["proxy2.test", "proxy2.test"], new[] { Taken(pool), Taken(pool) });
        pool.Restore(pool.Proxies[0]);
        pool.Retire(pool.Proxies[1]);
        Assert.Equal(["proxy1.test", "proxy1.test"], new[] { Taken(pool), Taken(pool) });
    }

    [Fact]
    public void Rejected_credentials_retire_a_proxy_at_once()
    {
        var pool = Pool(2);
        Fail(pool, code: ErrorCodes.ProxyAuthentication);
        Assert.Equal(ProxyState.Retired, pool.GetStatus()[0].State);
    }

    [Fact]
    public void Requests_that_fail_together_are_one_failure()
    {
        var pool = Pool(1);
        var leases = Enumerable.Range(0, 10).Select(_ => pool.Take(null, Target)).ToArray();
        _clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var lease in leases)
            lease.Judge(new NetworkFailure { Code = ErrorCodes.ProxyRefused, Message = "gone", BlamesProxy = true }.ToException());
        Assert.Equal((1, ProxyState.CoolingDown), (pool.GetStatus()[0].Failures, pool.GetStatus()[0].State));
    }

    [Fact]
    public void Failure_of_the_target_is_not_the_proxys()
    {
        var pool = Pool(1);
        pool.Take(null, Target).Judge(new NetworkFailure { Code = ErrorCodes.ProxyRefused, Message = "the target is down" }.ToException());
        Assert.Equal((0, ProxyState.Available), (pool.GetStatus()[0].Failures, pool.GetStatus()[0].State));
    }

    [Fact]
    public void Pool_without_a_usable_proxy_says_when_there_will_be_one()
    {
        var pool = Pool(2, new ProxyPoolOptions { CoolDown = TimeSpan.FromSeconds(7) });
        Fail(pool);
        pool.Retire(pool.Proxies[1]);
        var error = Assert.Throws<ProxyException>(() => pool.Take(null, Target));
        Assert.Equal((ErrorCodes.ProxyExhausted, true, TimeSpan.FromSeconds(7)), (error.Code, error.IsTransient, error.RetryAfter));
        pool.Retire(pool.Proxies[0]);
        error = Assert.Throws<ProxyException>(() => pool.Take(null, Target));
        Assert.Equal((false, null), (error.IsTransient, error.RetryAfter));
    }

    [Fact]
    public void Pool_that_makes_no_sense_is_refused()
    {
        var one = ProxyOptions.Parse("http://user:s3cret@proxy1.test:1");
        Assert.Throws<ArgumentException>(() => new ProxyPool([]));
        Assert.Throws<ArgumentException>(() => new ProxyPool([one, one]));
        var other = Assert.Throws<ArgumentException>(() => new ProxyPool([one, ProxyOptions.Parse("http://proxy2.test:1") with { NoProxy = ["*"] }]));
        Assert.Contains("NoProxy", other.Message);
        Assert.Contains("MaxCoolDown", Assert.ThrowsAny<ArgumentException>(() => new ProxyPool([one], new ProxyPoolOptions { MaxCoolDown = TimeSpan.Zero })).Message);
        Assert.Contains("Proxies", Assert.Throws<ArgumentException>(() => new TransportOptions { Proxy = one, Proxies = new ProxyPool([one]) }.Validate()).Message);
        Assert.Throws<ArgumentException>(() => new ProxyPool([one]).Retire(ProxyOptions.Parse("http://unknown.test:1")));
        Assert.DoesNotContain("s3cret", string.Join('\n', new ProxyPool([one]).GetStatus()));
    }
}
