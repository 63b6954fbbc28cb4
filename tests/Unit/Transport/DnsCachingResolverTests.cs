using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class DnsCachingResolverTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken None => CancellationToken.None;

    private CachingResolver Make(IResolver? custom = null, Func<ResolverOptions, ResolverOptions>? change = null)
    {
        var options = new ResolverOptions { Custom = custom ?? DnsScriptedResolver.NotFound() };
        return new CachingResolver(change is null ? options : change(options), _clock);
    }

    private static async Task<string> Text(CachingResolver resolver, string host, int port = 80) =>
        string.Join(' ', await resolver.ResolveAsync(host, port, None));

    private static Task<DNSResolutionException> Fails(CachingResolver resolver, string host, int port = 80) =>
        Assert.ThrowsAsync<DNSResolutionException>(async () => await resolver.ResolveAsync(host, port, None));

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::1", "::1")]
    [InlineData("[::1]", "::1")]
    [InlineData("2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("fe80::1%2", "fe80::1%2")]
    [InlineData("::ffff:10.0.0.1", "::ffff:10.0.0.1")]
    public async Task Addresses_are_returned_without_asking(string host, string address)
    {
        var custom = DnsScriptedResolver.NotFound();
        Assert.Equal(address, await Text(Make(custom), host));
        Assert.Empty(custom.Asked);
    }

    [Fact]
    public async Task Name_is_asked_for_anew_where_nobody_could_be_reached_by_the_answer()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        // The host has moved from the first address to the second.
        var answers = new Queue<string>(["127.0.0.2", "127.0.0.1"]);
        var resolver = new DnsScriptedResolver((_, _) => new(new ResolvedAddresses([IPAddress.Parse(answers.Dequeue())], TimeSpan.FromHours(1))));
        using var client = new HTTPClient(new HTTPClientOptions
        {
            Retry = RetryOptions.Default with { BaseDelay = TimeSpan.FromMilliseconds(1) },
            Transport = TransportOptions.Default with { Resolver = new ResolverOptions { Custom = resolver } },
        });
        using var response = await client.GetAsync($"http://moved.test:{server.Port}/get", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(200, response.Status);
        Assert.Equal(["moved.test", "moved.test"], resolver.Asked);
    }

    [Theory]
    [InlineData("127.1")]
    [InlineData("0x7f.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("0177.0.0.1")]
    [InlineData("010.0.0.1")]
    [InlineData("127.0.0.1.")]
    [InlineData("1.2.3.4.5")]
    [InlineData("256.0.0.1")]
    [InlineData("example.0x")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[::1]:80")]
    [InlineData("::1/128")]
    [InlineData("[::1")]
    [InlineData("127.0.0.1:80")]
    [InlineData("127\u30020\u30020\u30021")]
    public async Task Odd_spellings_of_addresses_are_refused_and_never_asked(string host)
    {
        var custom = DnsScriptedResolver.Of(null, "192.0.2.1");
        var error = await Fails(Make(custom), host);
        Assert.Equal(ErrorCodes.DnsNotFound, error.Code);
        Assert.Contains("four decimal numbers", error.Hint, StringComparison.Ordinal);
        Assert.Empty(custom.Asked);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a@b")]
    [InlineData("a\0b")]
    [InlineData("a\r\nb")]
    [InlineData("a\ud800b")]
    public async Task Invalid_names_are_refused_and_never_asked(string host)
    {
        var custom = DnsScriptedResolver.Of(null, "192.0.2.1");
        var error = await Fails(Make(custom), host);
        Assert.Equal(ErrorCodes.DnsNotFound, error.Code);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.Empty(custom.Asked);
    }

    [Fact]
    public async Task Names_that_are_too_long_are_refused()
    {
        var resolver = Make(DnsScriptedResolver.Of(null, "192.0.2.1"));
        await Fails(resolver, new string('a', 64) + ".example");
        await Fails(resolver, string.Join('.', Enumerable.Repeat("abcdefg", 32)));
        await Fails(resolver, new string('é', 100_000));
        Assert.Equal("192.0.2.1", await Text(resolver, new string('a', 63) + ".example"));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LocalHost.")]
    [InlineData("db.localhost")]
    public async Task Localhost_is_loopback_without_asking(string host)
    {
        var custom = DnsScriptedResolver.Of(null, "192.0.2.1");
        Assert.All(await Make(custom).ResolveAsync(host, 80, None), address => Assert.True(IPAddress.IsLoopback(address)));
        Assert.Equal("127.0.0.1", await Text(Make(custom, o => o with { Families = IPFamilies.IPv4 }), host));
        Assert.Empty(custom.Asked);
    }

    [Fact]
    public async Task Fixed_hosts_beat_the_resolver_and_may_depend_on_the_port()
    {
        var resolver = Make(DnsScriptedResolver.Of(null, "192.0.2.9"), o => o with
        {
            Hosts = new Dictionary<string, IReadOnlyList<IPAddress>>
            {
                ["Api.Example"] = [IPAddress.Parse("192.0.2.1")],
                ["api.example:8443"] = [IPAddress.Parse("192.0.2.2")],
                ["port.example:443"] = [IPAddress.Parse("192.0.2.3")],
                ["bücher.example"] = [IPAddress.Parse("192.0.2.4")],
            },
        });
        Assert.Equal("192.0.2.1", await Text(resolver, "api.EXAMPLE."));
        Assert.Equal("192.0.2.2", await Text(resolver, "api.example", 8443));
        Assert.Equal("192.0.2.9", await Text(resolver, "port.example", 80));
        Assert.Equal("192.0.2.3", await Text(resolver, "port.example", 443));
        Assert.Equal("192.0.2.4", await Text(resolver, "Bücher.example"));
        Assert.Equal("192.0.2.4", await Text(resolver, "xn--bcher-kva.example"));
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("a:0")]
    [InlineData("a:99999")]
    public void Wrong_fixed_hosts_are_argument_errors(string key)
    {
        var error = Assert.Throws<ArgumentException>(() => Make(change: o => o with
        {
            Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { [key] = [IPAddress.Loopback] },
        }));
        Assert.Contains("ResolverOptions.Hosts", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spellings_of_one_name_share_one_answer()
    {
        var custom = DnsScriptedResolver.Of(null, "192.0.2.1");
        var resolver = Make(custom);
        foreach (var host in new[] { "example.test", "EXAMPLE.test", "example.test." })
            Assert.Equal("192.0.2.1", await Text(resolver, host));
        Assert.Equal("example.test", Assert.Single(custom.Asked));
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData(30, 30)]
    [InlineData(86400, 300)]
    public async Task Answers_are_kept_for_their_time_to_live_within_the_limit(int? seconds, int kept)
    {
        TimeSpan? ttl = seconds is { } s ? TimeSpan.FromSeconds(s) : null;
        var custom = DnsScriptedResolver.Of(ttl, "192.0.2.1");
        var resolver = Make(custom);
        await Text(resolver, "a.test");
        _clock.Advance(TimeSpan.FromSeconds(kept) - TimeSpan.FromTicks(1));
        await Text(resolver, "a.test");
        Assert.Single(custom.Asked);
        _clock.Advance(TimeSpan.FromTicks(1));
        await Text(resolver, "a.test");
        Assert.Equal(2, custom.Asked.Count);
    }

    [Fact]
    public async Task A_time_to_live_of_zero_is_not_kept()
    {
        var custom = DnsScriptedResolver.Of(TimeSpan.Zero, "192.0.2.1");
        var resolver = Make(custom);
        await Text(resolver, "a.test");
        await Text(resolver, "a.test");
        Assert.Equal(2, custom.Asked.Count);
    }

    [Fact]
    public async Task Not_found_is_remembered_briefly_and_names_each_callers_endpoint()
    {
        var custom = DnsScriptedResolver.NotFound();
        var resolver = Make(custom);
        var first = await Fails(resolver, "no.test", 1);
        var second = await Fails(resolver, "no.test", 2);
        Assert.NotSame(first, second);
        Assert.Equal((1, 2), (first.Endpoint!.Port, second.Endpoint!.Port));
        Assert.Equal(NetworkPhase.Resolve, second.Phase);
        Assert.Single(custom.Asked);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Fails(resolver, "no.test");
        Assert.Equal(2, custom.Asked.Count);
    }

    [Fact]
    public async Task Failures_of_the_server_are_not_remembered_and_foreign_errors_are_ours()
    {
        var errors = new Queue<Exception>(
        [
            new SocketException((int)SocketError.TryAgain), new InvalidOperationException("x"), new TimeoutException(), new OperationCanceledException(),
            new SocketException((int)SocketError.HostNotFound),
        ]);
        var resolver = Make(new DnsScriptedResolver((_, _) => throw errors.Dequeue()));
        Assert.Equal(ErrorCodes.DnsServerFailure, (await Fails(resolver, "a.test")).Code);
        Assert.Equal(ErrorCodes.DnsServerFailure, (await Fails(resolver, "a.test")).Code);
        Assert.Equal(ErrorCodes.DnsTimeout, (await Fails(resolver, "a.test")).Code);
        Assert.Equal(ErrorCodes.DnsTimeout, (await Fails(resolver, "a.test")).Code);
        Assert.Equal(ErrorCodes.DnsNotFound, (await Fails(resolver, "a.test")).Code);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Only_addresses_of_the_allowed_family_are_returned_each_once()
    {
        var custom = DnsScriptedResolver.Of(null, "192.0.2.1", "2001:db8::1", "192.0.2.1");
        Assert.Equal("192.0.2.1 2001:db8::1", await Text(Make(custom), "a.test"));
        Assert.Equal("192.0.2.1", await Text(Make(custom, o => o with { Families = IPFamilies.IPv4 }), "a.test"));
        Assert.Equal("2001:db8::1", await Text(Make(custom, o => o with { Families = IPFamilies.IPv6 }), "a.test"));
    }

    [Fact]
    public async Task No_address_of_the_allowed_family_is_not_found_and_says_so()
    {
        var resolver = Make(DnsScriptedResolver.Of(null, "192.0.2.1"), o => o with { Families = IPFamilies.IPv6 });
        foreach (var host in new[] { "a.test", "192.0.2.7" })
        {
            var error = await Fails(resolver, host);
            Assert.Equal(ErrorCodes.DnsNotFound, error.Code);
            Assert.Contains("no IPv6 address", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Concurrent_look_ups_share_one_query_and_one_cancellation_disturbs_no_other()
    {
        var answer = new TaskCompletionSource<ResolvedAddresses>();
        var custom = new DnsScriptedResolver((_, ct) => new(answer.Task.WaitAsync(ct)));
        var resolver = Make(custom);
        using var cancel = new CancellationTokenSource();
        var first = resolver.ResolveAsync("a.test", 80, cancel.Token).AsTask();
        var others = Enumerable.Range(0, 20).Select(_ => resolver.ResolveAsync("A.test.", 80, None).AsTask()).ToArray();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult(new ResolvedAddresses([IPAddress.Loopback]));
        foreach (var other in await Task.WhenAll(others))
            Assert.Equal(IPAddress.Loopback, Assert.Single(other));
        Assert.Single(custom.Asked);
    }

    [Fact]
    public async Task A_query_is_cancelled_when_its_last_caller_leaves_and_the_next_caller_asks_anew()
    {
        var cancelled = new TaskCompletionSource();
        var asked = 0;
        var resolver = Make(new DnsScriptedResolver(async (_, ct) =>
        {
            if (asked++ > 0)
                return new ResolvedAddresses([IPAddress.Loopback]);
            await using var registration = ct.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, ct);
            throw new InvalidOperationException();
        }));
        using var cancel = new CancellationTokenSource();
        var only = resolver.ResolveAsync("a.test", 80, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => only);
        await cancelled.Task;
        Assert.Equal("127.0.0.1", await Text(resolver, "a.test"));
    }

    [Fact]
    public async Task A_remembered_answer_costs_no_allocation()
    {
        // The real clock: the fake one allocates.
        var resolver = new CachingResolver(new ResolverOptions
        {
            Custom = DnsScriptedResolver.Of(TimeSpan.FromHours(1), "192.0.2.1"),
            Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["other.test:1"] = [IPAddress.Loopback] },
        }, TimeProvider.System);
        await Text(resolver, "Example.test.");
        for (var i = 0; i < 100; i++)
            Assert.True(resolver.ResolveAsync("Example.test.", 80, None).IsCompletedSuccessfully);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            _ = resolver.ResolveAsync("Example.test.", 80, None).IsCompletedSuccessfully;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void The_cache_is_bounded_and_drops_what_expires_first()
    {
        var cache = new LookupCache(ResolverOptions.Default, _clock, 3);
        Lookup For(int seconds) => Lookup.Found([IPAddress.Loopback], TimeSpan.FromSeconds(seconds));
        cache.Store("a", For(20));
        cache.Store("b", For(10));
        cache.Store("c", For(30));
        cache.Store("c", For(40));
        cache.Store("d", For(30));
        Assert.Equal(3, cache.Count);
        Assert.Null(cache.Find("b"));
        Assert.NotNull(cache.Find("a"));
        _clock.Advance(TimeSpan.FromSeconds(35));
        cache.Store("e", For(5));
        Assert.Equal(2, cache.Count);
        Assert.NotNull(cache.Find("c"));
        Assert.NotNull(cache.Find("e"));
    }
}
