using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Sessions, clients derived from clients, and what a single request overrides.</summary>
public class SessionTests
{
    private static LoopbackServer Answering(string text = "ok")
    {
        var server = LoopbackServer.Start();
        return server.Map("*", "/{**rest}", exchange => exchange.RespondAsync(200, text));
    }

    [Fact]
    public async Task Base_url_default_fields_query_and_credential_go_with_every_request()
    {
        await using var server = Answering();
        using var client = new HTTPClient(RawAnswer.Options with
        {
            BaseUrl = server.Url + "v1/",
            Headers = new HeaderMap { ["X-Default"] = "yes" },
            Query = [new("key one", "a&b"), new("n", "1")],
            Credential = Credential.Bearer("t0ken"),
        });
        using var get = await client.GetAsync("items?x=y#part", cancellationToken: TestContext.Current.CancellationToken);
        using var post = await client.PostAsync("items", RequestBody.Text("x"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["/v1/items?x=y&key%20one=a%26b&n=1", "/v1/items?key%20one=a%26b&n=1"], server.Requests.Select(r => r.Target));
        Assert.All(server.Requests, r => Assert.Equal(("yes", "Bearer t0ken"), (r.Headers["X-Default"], r.Headers["Authorization"])));
    }

    [Fact]
    public async Task Field_of_a_request_replaces_the_clients_and_leaves_the_others()
    {
        await using var server = Answering();
        using var client = new HTTPClient(RawAnswer.Options with { Headers = new HeaderMap { ["A"] = "1", ["B"] = "2", ["User-Agent"] = "mine" } });
        var options = new RequestOptions { Headers = new HeaderMap { ["a"] = "3", ["Accept-Encoding"] = "identity" } };
        (await client.GetAsync(server.Url.ToString(), options, TestContext.Current.CancellationToken)).Dispose();
        var sent = server.Requests[0].Headers;
        Assert.Equal(["3"], sent.GetValues("A"));
        Assert.Equal(("2", "mine", "identity"), (sent["B"], sent["User-Agent"], sent["Accept-Encoding"]));
    }

    [Fact]
    public async Task Field_set_to_the_same_name_twice_is_sent_once_and_one_added_twice_is_sent_twice()
    {
        await using var server = Answering();
        var headers = new HeaderMap { ["A"] = "1" };
        headers["a"] = "2";
        headers.Add("B", "1");
        headers.Add("B", "2");
        using var client = new HTTPClient(RawAnswer.Options with { Headers = headers });
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(["2"], server.Requests[0].Headers.GetValues("A"));
        Assert.Equal("1,2", string.Join(',', server.Requests[0].Headers.GetValues("B")).Replace(" ", ""));
    }

    [Fact]
    public async Task Map_changed_after_the_client_was_made_changes_nothing()
    {
        await using var server = Answering();
        var headers = new HeaderMap { ["A"] = "1" };
        using var client = new HTTPClient(RawAnswer.Options with { Headers = headers });
        headers["A"] = "2";
        headers["B"] = "2";
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(("1", null), (server.Requests[0].Headers["A"], server.Requests[0].Headers["B"]));
    }

    [Fact]
    public async Task Fields_set_together_are_seen_together_by_requests_under_way()
    {
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { RecordedRequests = 10_000 });
        server.Map("GET", "/", exchange => exchange.RespondAsync(200));
        using var client = new HTTPClient(RawAnswer.Options with { Headers = new HeaderMap { ["A"] = "0", ["B"] = "0" } });
        using var enough = new CancellationTokenSource();
        var setting = Task.Run(() =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
                client.SetHeaders(new HeaderMap { ["A"] = i.ToString(System.Globalization.CultureInfo.InvariantCulture), ["B"] = i.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        }, TestContext.Current.CancellationToken);
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, stop) =>
            (await client.GetAsync(server.Url.ToString(), cancellationToken: stop)).Dispose());
        await enough.CancelAsync();
        await setting;
        Assert.Equal(300, server.Requests.Count);
        Assert.All(server.Requests, r => Assert.Equal(r.Headers["A"], r.Headers["B"]));
        Assert.True(server.Requests.Select(r => r.Headers["A"]).Distinct().Count() > 1);
    }

    [Fact]
    public async Task Concurrent_settings_of_different_fields_all_remain()
    {
        await using var server = Answering();
        using var client = new HTTPClient(RawAnswer.Options);
        Parallel.For(0, 50, i => client.SetHeaders(new HeaderMap { [$"X-{i}"] = "1" }));
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal("1", server.Requests[0].Headers[$"X-{i}"]));
    }

    [Fact]
    public async Task Derived_client_has_its_own_settings_and_shares_the_connections()
    {
        await using var server = Answering();
        using var client = new HTTPClient(RawAnswer.Options with { Headers = new HeaderMap { ["A"] = "1" } });
        using var derived = client.With(options => options with { UserAgent = "derived" });
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        (await derived.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        derived.SetHeaders(new HeaderMap { ["B"] = "2" });
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(1, server.ConnectionCount);
        Assert.Equal([RawAnswer.Options.UserAgent, "derived", RawAnswer.Options.UserAgent], server.Requests.Select(r => r.Headers["User-Agent"]));
        Assert.All(server.Requests, r => Assert.Equal(("1", null), (r.Headers["A"], r.Headers["B"])));
    }

    [Fact]
    public async Task Connections_close_with_the_last_client_that_shares_them()
    {
        await using var server = Answering();
        var client = new HTTPClient(RawAnswer.Options);
        var derived = client.With(options => options with { UserAgent = "derived" });
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        client.Dispose();
        client.Dispose();
        using (var reused = await derived.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken))
            Assert.True(reused.IsReused);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Throws<ObjectDisposedException>(() => client.With(options => options));
        await derived.DisposeAsync();
        Assert.True(SpinWait.SpinUntil(() => server.OpenConnectionCount == 0, RawAnswer.Patience), "A connection stayed open.");
    }

    [Fact]
    public async Task Every_policy_can_be_overridden_for_one_request()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        Task<Response> Get(string path, RequestOptions options) => client.GetAsync(server.Url + path, options, TestContext.Current.CancellationToken);

        using (var redirect = await Get("redirect/1", new RequestOptions { Redirects = RedirectOptions.None }))
            Assert.Equal(302, redirect.Status);
        using (var failed = await Get("flaky/a/1", new RequestOptions { Retry = RetryOptions.None }))
            Assert.Equal(503, failed.Status);
        using (var version = await Get("get", new RequestOptions { Version = HttpVersionChoice.Http11 }))
            Assert.Equal(new Version(1, 1), version.Version);
        var slow = await Assert.ThrowsAsync<NetworkTimeoutException>(() => Get("delay/5", new RequestOptions { Timeouts = new Timeouts { FirstByte = TimeSpan.FromMilliseconds(100) } }));
        Assert.Equal(TimeoutKind.FirstByte, slow.Kind);
        var large = await Assert.ThrowsAsync<HTTPException>(() => Get("bytes/100", new RequestOptions { Limits = new ResponseLimits { BufferedBytes = 99 } }));
        Assert.Equal(ErrorCodes.HttpTooLarge, large.Code);
        var bound = new RequestOptions { Transport = new TransportOptions { BindAddress = IPAddress.Parse("127.0.0.3") } };
        using (var elsewhere = await Get("get", bound))
            Assert.False(elsewhere.IsReused);
        await Assert.ThrowsAsync<DNSResolutionException>(() => client.GetAsync("http://127.0.0.1:1/",
            new RequestOptions { Transport = new TransportOptions { Resolver = new ResolverOptions { Families = IPFamilies.IPv6 } } }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Larger_head_allowed_for_one_request_is_read()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.RespondAsync(200, "ok", headers: [new("X-Long", new string('a', 20_000))]));
        using var client = new HTTPClient(RawAnswer.Options with { Limits = new ResponseLimits { HeaderBytes = 4096 } });
        Assert.Equal(ErrorCodes.HttpTooLarge, (await RawAnswer.FailureAsync(client, server.Url)).Code);
        using var response = await client.GetAsync(server.Url.ToString(), new RequestOptions { Limits = new ResponseLimits() }, TestContext.Current.CancellationToken);
        Assert.Equal("ok", response.Text);
    }

    public static TheoryData<string, RequestOptions> Wrong => new()
    {
        { "Timeouts.Total", new RequestOptions { Timeouts = new Timeouts { Total = TimeSpan.Zero } } },
        { "Timeouts.Idle", new RequestOptions { Timeouts = new Timeouts { Idle = TimeSpan.FromSeconds(-2) } } },
        { "RedirectOptions.Limit", new RequestOptions { Redirects = new RedirectOptions { Limit = -1 } } },
        { "RetryOptions.Retries", new RequestOptions { Retry = new RetryOptions { Retries = -1 } } },
        { "ResponseLimits.BufferedBytes", new RequestOptions { Limits = new ResponseLimits { BufferedBytes = -1 } } },
        { "TransportOptions.UnixSocketPath", new RequestOptions { Transport = new TransportOptions { UnixSocketPath = "" } } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task Wrong_setting_of_one_request_is_an_argument_error_that_names_it(string property, RequestOptions options)
    {
        using var client = new HTTPClient();
        var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => client.GetAsync("http://127.0.0.1:1/", options, TestContext.Current.CancellationToken));
        Assert.Contains(property, error.Message);
    }

    [Theory]
    [InlineData("ftp://a.test/")]
    [InlineData("a.test")]
    [InlineData("")]
    [InlineData("http://")]
    public void Base_that_is_no_web_address_is_an_argument_error(string url) =>
        Assert.Contains("BaseUrl", Assert.ThrowsAny<ArgumentException>(() => new HTTPClient(new HTTPClientOptions { BaseUrl = url })).Message);
}
