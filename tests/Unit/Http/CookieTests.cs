using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A client with a cookie jar: what arrives at servers, hop by hop.</summary>
public class CookieTests
{
    private readonly MockTransport _server = new();
    private readonly CookieJar _jar = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client(Func<HTTPClientOptions, HTTPClientOptions>? change = null)
    {
        var options = new HTTPClientOptions { MessageHandler = _server, Cookies = _jar, Retry = RetryOptions.None };
        return new HTTPClient(change is null ? options : change(options));
    }

    private static MockReply Setting(int status, params string[] cookies) => With(status, null, cookies);

    private static MockReply With(int status, string? location, params string[] cookies)
    {
        var headers = new HeaderMap();
        if (location is not null)
            headers.Add("Location", location);
        foreach (var cookie in cookies)
            headers.Add("Set-Cookie", cookie);
        return new MockReply { Status = status, Headers = headers };
    }

    private async Task GetAsync(HTTPClient client, string url, RequestOptions? options = null) => (await client.GetAsync(url, options, Stop)).Dispose();

    private string?[] Sent => [.. _server.Calls.Select(call => call.Headers["Cookie"])];

    [Fact]
    [Trait("Cve", "7")]
    public async Task Cookie_jar_keeps_what_servers_set_and_sends_it_back()
    {
        _server.When("GET", "*").Reply(Setting(200, "a=1; Path=/", "b=2; Path=/"));
        using var client = Client();
        await GetAsync(client, "http://a.test/x");
        await GetAsync(client, "http://a.test/y");
        await GetAsync(client, "http://b.test/");
        Assert.Equal([null, "a=1; b=2", null], Sent);
    }

    [Fact]
    public async Task Redirects_set_and_get_the_cookies_of_their_own_hop()
    {
        _server.When("GET", "http://a.test/").Reply(With(302, "http://b.test/", "a=1"));
        _server.When("GET", "http://b.test/").Reply(With(302, "http://a.test/end", "b=1"));
        _server.When("GET", "http://a.test/end").Reply(200);
        using var client = Client();
        await GetAsync(client, "http://a.test/");
        Assert.Equal([null, null, "a=1"], Sent);
        Assert.Equal("b=1", _jar.HeaderFor(new Uri("http://b.test/")));
    }

    [Fact]
    public async Task Failed_and_repeated_attempts_set_cookies_too()
    {
        _server.When("GET", "*").Reply(Setting(503, "a=1")).Reply(Setting(404, "b=1")).Reply(200);
        using var client = Client(options => options with { Retry = new RetryOptions { Retries = 1, BaseDelay = TimeSpan.Zero } });
        await GetAsync(client, "http://a.test/");
        await GetAsync(client, "http://a.test/");
        Assert.Equal([null, "a=1", "a=1; b=1"], Sent);
    }

    [Fact]
    public async Task Cookie_jar_is_off_for_one_request()
    {
        _server.When("GET", "*").Reply(Setting(200, "a=1")).Reply(Setting(200, "a=2")).Reply(200);
        using var client = Client();
        await GetAsync(client, "http://a.test/");
        await GetAsync(client, "http://a.test/", new() { UseCookies = false });
        await GetAsync(client, "http://a.test/");
        Assert.Equal([null, null, "a=1"], Sent);
    }

    [Fact]
    public async Task Cookie_field_of_the_caller_is_never_touched()
    {
        _server.When("GET", "*").Reply(Setting(200, "a=1; Path=/"));
        using var client = Client();
        await GetAsync(client, "http://a.test/", new() { Headers = new() { ["Cookie"] = "mine=1" } });
        client.SetHeaders(new() { ["Cookie"] = "session=1" });
        await GetAsync(client, "http://a.test/");
        Assert.Equal(["mine=1", "session=1"], Sent);
    }

    [Fact]
    [Trait("Cve", "1")]
    public async Task Cookie_of_the_caller_stays_behind_at_a_redirect_and_the_jars_own_go()
    {
        _jar.Set(new Uri("http://b.test/"), "b=1");
        _server.When("GET", "http://a.test/").Reply(With(302, "http://b.test/"));
        _server.When("GET", "http://b.test/").Reply(200);
        using var client = Client();
        await GetAsync(client, "http://a.test/", new() { Headers = new() { ["Cookie"] = "mine=1" } });
        Assert.Equal(["mine=1", "b=1"], Sent);
    }

    [Fact]
    [Trait("Cve", "1")]
    public async Task Cookie_does_not_follow_to_another_port_scheme_or_host_unless_set_for_it()
    {
        // RFC 6265 knows no ports; a scheme is kept apart by Secure.
        _jar.Set(new Uri("https://a.test/"), "__Host-id=1; Secure; Path=/");
        _server.When("GET", "https://a.test/").Reply(With(302, "http://a.test/"));
        _server.When("GET", "http://a.test/").Reply(With(302, "https://sub.a.test/"));
        _server.When("GET", "https://sub.a.test/").Reply(200);
        using var client = Client(options => options with { Redirects = RedirectOptions.Default with { AllowDowngrade = true } });
        await GetAsync(client, "https://a.test/");
        Assert.Equal(["__Host-id=1", null, null], Sent);
    }

    [Fact]
    public async Task Clients_share_a_jar()
    {
        _server.When("GET", "*").Reply(Setting(200, "a=1"));
        using var one = Client();
        using var other = Client();
        await GetAsync(one, "http://a.test/");
        await GetAsync(other, "http://a.test/");
        Assert.Equal([null, "a=1"], Sent);
    }

    [Fact]
    public async Task Cached_answer_to_one_set_of_cookies_is_never_given_to_another()
    {
        _server.When("GET", "*").Reply((call, _) => new(MockReply.Text(200, call.Headers["Cookie"] ?? "nobody") with { Headers = new() { ["Cache-Control"] = "max-age=60" } }));
        using var client = Client(options => options with { Cache = new HttpCache() });
        using var nobody = await client.GetAsync("http://a.test/", cancellationToken: Stop);
        _jar.Set(new Uri("http://a.test/"), "user=ada");
        using var ada = await client.GetAsync("http://a.test/", cancellationToken: Stop);
        using var again = await client.GetAsync("http://a.test/", cancellationToken: Stop);
        Assert.Equal(("nobody", "user=ada", "user=ada", CacheOutcome.Hit), (nobody.Text, ada.Text, again.Text, again.Cache));
    }

    [Fact]
    public async Task Answer_from_the_cache_sets_no_cookie_again()
    {
        _server.When("GET", "*").Reply(new MockReply { Headers = new() { ["Cache-Control"] = "max-age=60", ["Set-Cookie"] = "a=1; Path=/other" } });
        using var client = Client(options => options with { Cache = new HttpCache() });
        await GetAsync(client, "http://a.test/");
        _jar.Clear();
        using var hit = await client.GetAsync("http://a.test/", cancellationToken: Stop);
        Assert.Equal((CacheOutcome.Hit, 0), (hit.Cache, _jar.Count));
    }

    [Fact]
    public void Prepared_request_shows_its_cookies_and_masks_them_in_a_curl_line()
    {
        _jar.Set(new Uri("http://a.test/"), "id=canary");
        using var client = Client();
        var prepared = client.Prepare(new Request("GET", "http://a.test/"));
        Assert.Equal("id=canary", prepared.Options.Headers!["Cookie"]);
        Assert.DoesNotContain("canary", prepared.ToCurl());
    }

    [Fact]
    public async Task Jar_is_used_by_many_at_once()
    {
        _server.When("GET", "*").Reply((call, _) => new(Setting(200, $"c{call.Url.AbsolutePath.Length % 7}=1; Path=/")));
        using var client = Client();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => GetAsync(client, $"http://h{i % 5}.test/{new string('x', i % 11)}")));
        Assert.Equal(_jar.Cookies.Count, _jar.Count);
        Assert.InRange(_jar.Count, 5, 35);
    }
}
