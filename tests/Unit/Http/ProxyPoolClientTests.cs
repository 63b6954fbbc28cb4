using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Requests through a pool of proxies: rotate, health, sticky per session.</summary>
public sealed class ProxyPoolClientTests : IAsyncDisposable
{
    private static readonly string Dead = "http://127.0.0.1:9";

    private readonly LoopbackServer _server = LabEndpoints.MapTo(LoopbackServer.Start());
    private readonly LoopbackProxy _one = LoopbackProxy.Start();
    private readonly LoopbackProxy _two = LoopbackProxy.Start();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static HTTPClientOptions Through(ProxyPool pool, int retries = 2, EgressPolicy? policy = null) => RawAnswer.Options with
    {
        Retry = new RetryOptions { Retries = retries, BaseDelay = TimeSpan.Zero },
        Transport = new TransportOptions { Proxies = pool, Policy = policy ?? EgressPolicy.Unrestricted },
    };

    private static ProxyPool Pool(params string[] urls) => new([.. urls.Select(ProxyOptions.Parse)]);

    [Theory]
    [InlineData("http")]
    [InlineData("socks5h")]
    public async Task Requests_rotate_over_the_proxies(string scheme)
    {
        using var client = new HTTPClient(Through(Pool(_one.Url(scheme), _two.Url(scheme))));
        for (var i = 0; i < 4; i++)
            (await client.GetAsync(_server.Url + "get", cancellationToken: Stop)).Dispose();
        Assert.Equal((true, true, 4), (_one.Requests.Count > 0, _two.Requests.Count > 0, _server.Requests.Count));
        // Each proxy has connections of its own, and tunnels are kept.
        if (scheme == "socks5h")
            Assert.Equal((1, 1), (_one.ConnectionCount, _two.ConnectionCount));
        else
            Assert.Equal((2, 2), (_one.Requests.Count, _two.Requests.Count));
    }

    [Fact]
    public async Task Session_sticks_to_its_proxy()
    {
        using var client = new HTTPClient(Through(Pool(_one.Url(), _two.Url())));
        for (var i = 0; i < 3; i++)
            (await client.GetAsync(_server.Url + "get", new RequestOptions { SessionKey = "alice" }, Stop)).Dispose();
        Assert.Equal((3, 0), (_one.Requests.Count, _two.Requests.Count));
        for (var i = 0; i < 2; i++)
            (await client.GetAsync(_server.Url + "get", new RequestOptions { SessionKey = "bob" }, Stop)).Dispose();
        Assert.Equal((3, 2), (_one.Requests.Count, _two.Requests.Count));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Proxy_that_is_gone_cools_down_and_the_next_one_carries_the_request(string method)
    {
        var pool = Pool(Dead, _two.Url());
        using var client = new HTTPClient(Through(pool));
        using var response = await client.SendAsync(new Request(method, _server.Url + "anything"), Stop);
        Assert.Equal((200, 2), (response.Status, response.Attempts.Count));
        Assert.Equal(ErrorCodes.ProxyRefused, response.Attempts[0].Code);
        Assert.Equal([ProxyState.CoolingDown, ProxyState.Available], pool.GetStatus().Select(status => status.State));
        using var again = await client.GetAsync(_server.Url + "get", cancellationToken: Stop);
        Assert.Single(again.Attempts);
    }

    [Fact]
    public async Task Proxy_that_wants_other_credentials_is_retired_and_the_next_one_carries_the_request()
    {
        await using var closed = LoopbackProxy.Start(new LoopbackProxyOptions { User = "u", Password = "p" });
        foreach (var scheme in new[] { "http", "socks5h" })
        {
            var pool = Pool(closed.Url(scheme), _two.Url(scheme));
            using var client = new HTTPClient(Through(pool));
            using var response = await client.GetAsync(_server.Url + "get", cancellationToken: Stop);
            Assert.Equal((200, ErrorCodes.ProxyAuthentication), (response.Status, response.Attempts[0].Code));
            Assert.Equal(ProxyState.Retired, pool.GetStatus()[0].State);
        }
    }

    [Theory]
    [InlineData(ProxyAction.Close)]
    [InlineData(ProxyAction.Garbage)]
    public async Task Proxy_that_breaks_its_protocol_cools_down(ProxyAction action)
    {
        await using var broken = LoopbackProxy.Start(new LoopbackProxyOptions { Decide = _ => action == ProxyAction.Close ? ProxyDecision.Close : ProxyDecision.Garbage });
        var pool = Pool(broken.Url("socks5h"), _two.Url("socks5h"));
        using var client = new HTTPClient(Through(pool));
        using var response = await client.GetAsync(_server.Url + "get", cancellationToken: Stop);
        Assert.Equal((200, 2), (response.Status, response.Attempts.Count));
        Assert.Equal(ProxyState.CoolingDown, pool.GetStatus()[0].State);
    }

    [Fact]
    public async Task Proxy_that_says_nothing_cools_down()
    {
        await using var silent = LoopbackProxy.Start(new LoopbackProxyOptions { Decide = _ => ProxyDecision.Stall });
        var pool = Pool(silent.Url("socks5h"), _two.Url("socks5h"));
        using var client = new HTTPClient(Through(pool) with { Timeouts = Timeouts.Default with { Connect = TimeSpan.FromMilliseconds(200) } });
        using var response = await client.GetAsync(_server.Url + "get", cancellationToken: Stop);
        Assert.Equal((200, ErrorCodes.TimeoutConnect), (response.Status, response.Attempts[0].Code));
        Assert.Equal(ProxyState.CoolingDown, pool.GetStatus()[0].State);
    }

    [Fact]
    public async Task Target_that_is_gone_is_not_held_against_the_proxies()
    {
        var pool = Pool(_one.Url("socks5h"), _two.Url("socks5h"));
        var error = await RawAnswer.FailureAsync(new Uri("http://127.0.0.1:9/"), Through(pool));
        Assert.Equal(ErrorCodes.ProxyRefused, error.Code);
        Assert.All(pool.GetStatus(), status => Assert.Equal((ProxyState.Available, 0), (status.State, status.Failures)));
    }

    [Fact]
    public async Task Pool_without_a_usable_proxy_fails_and_nothing_goes_out_directly()
    {
        var pool = Pool(Dead, "http://127.0.0.1:1");
        using var client = new HTTPClient(Through(pool, retries: 5) with { Timeouts = Timeouts.Default with { Total = TimeSpan.FromSeconds(3) } });
        var error = await RawAnswer.FailureAsync(client, _server.Url);
        Assert.Equal((ErrorCodes.ProxyExhausted, WasSent.Never, true), (error.Code, error.WasSent, error.RetryAfter > TimeSpan.Zero));
        Assert.IsType<ProxyException>(error);
        foreach (var proxy in pool.Proxies)
            pool.Retire(proxy);
        Assert.False((await RawAnswer.FailureAsync(client, _server.Url)).IsTransient);
        Assert.Equal(0, _server.ConnectionCount);
    }

    [Fact]
    public async Task Host_that_bypasses_the_proxies_is_reached_directly()
    {
        var pool = new ProxyPool([ProxyOptions.Parse(Dead) with { NoProxy = ["127.0.0.1"] }]);
        using var client = new HTTPClient(Through(pool));
        using var response = await client.GetAsync(_server.Url + "get", cancellationToken: Stop);
        Assert.Equal((200, 0L), (response.Status, pool.GetStatus()[0].Uses));
    }

    [Fact]
    [Trait("Cve", "37")]
    public async Task Redirect_from_a_host_that_bypasses_the_proxies_goes_through_one_where_its_target_does_not()
    {
        await using var outside = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions { Address = System.Net.IPAddress.Parse("127.0.0.2") }));
        _server.Map("GET", "/leave", exchange => exchange.RespondAsync(302, "", headers: [new("Location", $"http://127.0.0.2:{outside.Port}/get")]));
        var pool = new ProxyPool([ProxyOptions.Parse(_one.Url("socks5h")) with { NoProxy = ["127.0.0.1"] }]);
        using var client = new HTTPClient(Through(pool));
        for (var i = 1; i <= 2; i++)
        {
            using var response = await client.GetAsync(_server.Url + "leave", cancellationToken: Stop);
            Assert.Equal((200, _one.Port), (response.Status, Assert.IsType<System.Net.IPEndPoint>(response.RemoteAddress).Port));
            Assert.Equal(i, pool.GetStatus()[0].Uses);
        }
        Assert.Equal((1, 1), (_one.Requests.Count, outside.ConnectionCount));
        var gone = new ProxyPool([ProxyOptions.Parse(Dead) with { NoProxy = ["127.0.0.1"] }]);
        Assert.Equal(ErrorCodes.ProxyRefused, (await RawAnswer.FailureAsync(new Uri(_server.Url, "leave"), Through(gone, retries: 0))).Code);
        Assert.Equal(1, outside.ConnectionCount);
    }

    [Fact]
    [Trait("Cve", "37")]
    public async Task Every_proxy_of_a_pool_needs_trust_under_a_restrictive_policy()
    {
        var trusted = ProxyOptions.Parse(_one.Url("socks5h")) with { TrustedForEgress = true };
        var policy = EgressPolicy.PublicInternetOnly.Allowing($"127.0.0.1:{_server.Port}");
        using (var client = new HTTPClient(Through(new ProxyPool([trusted, ProxyOptions.Parse(_two.Url("socks5h"))]), policy: policy)))
        {
            for (var i = 0; i < 3; i++)
            {
                var error = await RawAnswer.FailureAsync(client, _server.Url);
                Assert.Equal(ErrorCodes.PolicyDenied, error.Code);
                Assert.Contains("TrustedForEgress", error.Message);
            }
        }
        Assert.Equal((0, 0), (_one.ConnectionCount, _two.ConnectionCount));
        using var allowed = new HTTPClient(Through(new ProxyPool([trusted]), policy: policy));
        using var response = await allowed.GetAsync(_server.Url + "get", cancellationToken: Stop);
        Assert.Equal(200, response.Status);
        Assert.Equal(ErrorCodes.PolicyDenied, (await RawAnswer.FailureAsync(allowed, new Uri("http://169.254.169.254/"))).Code);
    }

    [Fact]
    [Trait("Cve", "10")]
    public async Task Connections_of_one_proxy_of_a_pool_are_never_used_for_another()
    {
        using var client = new HTTPClient(Through(Pool(_one.Url("socks5h"), _two.Url("socks5h"))));
        foreach (var (session, port) in new[] { ("a", _one.Port), ("b", _two.Port), ("a", _one.Port), ("b", _two.Port) })
        {
            using var response = await client.GetAsync(_server.Url + "get", new RequestOptions { SessionKey = session }, Stop);
            Assert.Equal(port, Assert.IsType<System.Net.IPEndPoint>(response.RemoteAddress).Port);
        }
        Assert.Equal((1, 1), (_one.ConnectionCount, _two.ConnectionCount));
    }

    [Fact]
    [Trait("Cve", "11")]
    public async Task Proxy_of_a_pool_with_a_certificate_that_nobody_vouches_for_is_left_and_gets_no_request()
    {
        using var stranger = new TestCertificateAuthority("Stranger");
        await using var impostor = LoopbackProxy.Start(new LoopbackProxyOptions { Tls = new LoopbackTlsOptions { Certificate = stranger.Issue() } });
        var pool = Pool(impostor.Url("https"), _two.Url());
        using var client = new HTTPClient(Through(pool));
        using var response = await client.GetAsync(_server.Url + "get", cancellationToken: Stop);
        Assert.Equal((200, ErrorCodes.TlsUntrusted), (response.Status, response.Attempts[0].Code));
        Assert.Empty(impostor.Requests);
        Assert.Equal(ProxyState.CoolingDown, pool.GetStatus()[0].State);
    }

    [Fact]
    public async Task Probe_takes_a_proxy_of_the_pool_too()
    {
        var report = await ConnectionProbe.RunAsync(new Endpoint("127.0.0.1", _server.Port), useTls: false,
            new TransportOptions { Proxies = Pool(_one.Url("socks5h")) }, cancellationToken: Stop);
        Assert.Null(report.Failure);
        Assert.Single(_one.Requests);
    }
}
