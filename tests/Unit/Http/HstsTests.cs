using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Hosts that are for https alone, rule by rule of RFC 6797.</summary>
public class HstsTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private readonly MockTransport _server = new();
    private readonly HstsStore _hosts;

    public HstsTests() => _hosts = new HstsStore(_clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client(Func<HTTPClientOptions, HTTPClientOptions>? change = null)
    {
        var options = new HTTPClientOptions { MessageHandler = _server, Hsts = _hosts, Retry = RetryOptions.None, Clock = _clock };
        return new HTTPClient(change is null ? options : change(options));
    }

    private void Answer(string url, string? security, int status = 200, string? location = null)
    {
        var headers = new HeaderMap();
        if (security is not null)
            headers.Add("Strict-Transport-Security", security);
        if (location is not null)
            headers.Add("Location", location);
        _server.When("GET", url).Reply(new MockReply { Status = status, Headers = headers });
    }

    private string[] Urls => [.. _server.Calls.Select(call => call.Url.AbsoluteUri)];

    private static async Task GetAsync(HTTPClient client, string url) => (await client.GetAsync(url, cancellationToken: Stop)).Dispose();

    [Fact]
    public async Task Host_that_asked_for_https_is_spoken_to_in_nothing_else()
    {
        Answer("*", "max-age=100");
        using var client = Client();
        await GetAsync(client, "https://a.test/");
        using var upgraded = await client.GetAsync("http://a.test/x?q=1#f", cancellationToken: Stop);
        Assert.Equal(["https://a.test/", "https://a.test/x?q=1"], Urls.Select(url => url.Split('#')[0]));
        var hop = Assert.Single(upgraded.History);
        Assert.Equal((307, "http://a.test/x?q=1#f", "https://a.test/x?q=1#f", true), (hop.Status, hop.Url.AbsoluteUri, hop.Location.AbsoluteUri, hop.IsUpgrade));
    }

    [Fact]
    public async Task Word_over_plain_http_counts_for_nothing()
    {
        Answer("*", "max-age=100");
        using var client = Client();
        await GetAsync(client, "http://a.test/");
        Assert.Empty(_hosts.Hosts);
    }

    [Fact]
    public async Task Word_of_a_server_whose_certificate_was_not_checked_counts_for_nothing()
    {
        using var authority = new TestCertificateAuthority();
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue(new() { DnsNames = ["named.test"] }) } });
        server.Map("GET", "/", exchange => exchange.RespondAsync(200, "", headers: [KeyValuePair.Create("Strict-Transport-Security", "max-age=100")]));
        var transport = new TransportOptions { Resolver = new() { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["named.test"] = [IPAddress.Loopback] } } };
        foreach (var isChecked in (bool[])[false, true])
        {
            var tls = isChecked ? new TlsOptions { TrustedRoots = [authority.Root] } : new TlsOptions { InsecureAcceptAnyCertificate = true };
            using var client = Client(options => options with { MessageHandler = null, Transport = transport with { Tls = tls }, Clock = TimeProvider.System });
            await GetAsync(client, $"https://named.test:{server.Port}/");
            Assert.Equal(isChecked, _hosts.Covers("named.test"));
        }
    }

    [Fact]
    public async Task Redirect_to_plain_http_of_such_a_host_goes_to_https()
    {
        Answer("https://a.test/", "max-age=100; includeSubDomains", 302, "http://sub.a.test/");
        Answer("https://sub.a.test/", null);
        using var client = Client();
        using var response = await client.GetAsync("https://a.test/", cancellationToken: Stop);
        Assert.Equal(["https://a.test/", "https://sub.a.test/"], Urls);
        Assert.Equal([(302, false), (307, true)], response.History.Select(hop => (hop.Status, hop.IsUpgrade)));
        Assert.Equal("http://sub.a.test/", response.History[0].Location.AbsoluteUri);
    }

    [Fact]
    public async Task Upgrade_is_no_redirect_to_the_limit()
    {
        _hosts.Add("a.test", TimeSpan.FromHours(1));
        Answer("https://a.test/", null);
        using var client = Client(options => options with { Redirects = RedirectOptions.None });
        using var response = await client.GetAsync("http://a.test/", cancellationToken: Stop);
        Assert.Equal("https://a.test/", Assert.Single(Urls));
    }

    [Fact]
    public async Task Policy_is_asked_about_the_https_target()
    {
        _hosts.Add("a.test", TimeSpan.FromHours(1));
        Answer("*", null);
        var policy = EgressPolicy.Nothing.Allowing("a.test:443");
        using var client = Client(options => options with { Transport = new TransportOptions { Policy = policy }, MessageHandlerTrustedForEgress = true });
        await GetAsync(client, "http://a.test/");
        await Assert.ThrowsAsync<PolicyException>(() => client.GetAsync("http://b.test/", cancellationToken: Stop));
        Assert.Equal("https://a.test/", Assert.Single(Urls));
    }

    [Fact]
    [Trait("Cve", "7")]
    public async Task Credentials_for_the_host_without_tls_go_along_over_tls_and_nowhere_else()
    {
        _hosts.Add("a.test", TimeSpan.FromHours(1));
        Answer("https://a.test/*", null, 302, "https://b.test/");
        Answer("https://b.test/", null);
        using var client = Client(options => options with { BaseUrl = "http://a.test/", Credential = Credential.Bearer("token") });
        (await client.GetAsync("x", new() { Headers = new() { ["X-Api-Key"] = "key" } }, Stop)).Dispose();
        Assert.Equal(["https://a.test/x", "https://b.test/"], Urls);
        Assert.Equal(("Bearer token", "key"), (_server.Calls[0].Headers["Authorization"], _server.Calls[0].Headers["X-Api-Key"]));
        Assert.Equal((null, null), (_server.Calls[1].Headers["Authorization"], _server.Calls[1].Headers["X-Api-Key"]));
    }

    [Fact]
    public async Task Credential_that_answers_a_challenge_goes_along_too()
    {
        _hosts.Add("a.test", TimeSpan.FromHours(1));
        _server.When("GET", "https://a.test/").Reply((call, _) => new(call.Headers["Authorization"] is { } answer && answer.StartsWith("Digest ", StringComparison.Ordinal)
            ? new MockReply()
            : new MockReply { Status = 401, Headers = new() { ["WWW-Authenticate"] = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256" } }));
        using var client = Client(options => options with { Credential = Credential.Digest("ada", "pw", origin: "http://a.test/") });
        using var response = await client.GetAsync("http://a.test/", cancellationToken: Stop);
        Assert.Equal((200, 2), (response.Status, _server.Calls.Count));
    }

    [Theory]
    [InlineData("http://a.test/", "https://a.test/")]
    [InlineData("http://a.test:80/", "https://a.test/")]
    [InlineData("http://a.test:8080/", "https://a.test:8080/")]
    [InlineData("http://A.TEST/", "https://a.test/")]
    [InlineData("http://a.test./", "https://a.test/")]
    [InlineData("http://sub.a.test/", "https://sub.a.test/")]
    [InlineData("http://deep.sub.a.test/", "https://deep.sub.a.test/")]
    [InlineData("http://nota.test/", "http://nota.test/")]
    [InlineData("http://b\u00fccher.test/", "https://xn--bcher-kva.test/")]
    [InlineData("http://xn--bcher-kva.test/", "https://xn--bcher-kva.test/")]
    [InlineData("http://sub.b\u00fccher.test/", "http://sub.xn--bcher-kva.test/")]
    [InlineData("http://127.0.0.1/", "http://127.0.0.1/")]
    [Trait("Cve", "33")]
    public async Task Dot_case_idn_and_subdomains_make_no_way_around(string url, string asked)
    {
        _hosts.Add("a.test", TimeSpan.FromHours(1), includeSubdomains: true);
        _hosts.Add("B\u00dcCHER.test.", TimeSpan.FromHours(1));
        Answer("*", null);
        using var client = Client();
        await GetAsync(client, url);
        Assert.Equal(asked, Assert.Single(_server.Calls).Url.GetComponents(UriComponents.AbsoluteUri, UriFormat.UriEscaped).Replace("b\u00fccher", "xn--bcher-kva", StringComparison.Ordinal).Replace("test./", "test/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Address_is_no_host_to_remember()
    {
        Answer("*", "max-age=100");
        using var client = Client();
        await GetAsync(client, "https://127.0.0.1/");
        await GetAsync(client, "https://[::1]/");
        Assert.Empty(_hosts.Hosts);
        Assert.Throws<ArgumentException>(() => _hosts.Add("127.0.0.1", TimeSpan.FromHours(1)));
    }

    [Fact]
    [Trait("Cve", "33")]
    public async Task Subdomains_word_leaves_its_parents_as_it_is()
    {
        _hosts.Add("a.test", TimeSpan.FromSeconds(1000), includeSubdomains: true);
        Answer("*", "max-age=0");
        using var client = Client();
        await GetAsync(client, "https://sub.a.test/");
        Answer("*", "max-age=5");
        await GetAsync(client, "https://sub.a.test/");
        _clock.Advance(TimeSpan.FromSeconds(900));
        Assert.True(_hosts.Covers("sub.a.test"));
        Assert.Equal(new HstsHost("a.test", true, _clock.GetUtcNow().AddSeconds(100)), Assert.Single(_hosts.Hosts));
        _clock.Advance(TimeSpan.FromSeconds(100));
        Assert.False(_hosts.Covers("sub.a.test"));
    }

    [Fact]
    public async Task Age_of_zero_forgets_and_a_new_word_replaces()
    {
        using var client = Client();
        Answer("*", "max-age=100; includeSubDomains");
        await GetAsync(client, "https://a.test/");
        Answer("*", "max-age=200");
        await GetAsync(client, "https://a.test/");
        Assert.False(_hosts.Covers("sub.a.test"));
        _clock.Advance(TimeSpan.FromSeconds(150));
        Assert.True(_hosts.Covers("a.test"));
        Answer("*", "max-age=0");
        await GetAsync(client, "https://a.test/");
        Assert.False(_hosts.Covers("a.test"));
    }

    [Theory]
    [InlineData("max-age=10", 10L, false)]
    [InlineData("MAX-AGE=\"10\" ; IncludeSubDomains", 10L, true)]
    [InlineData(";; max-age = 10 ;; includesubdomains;", 10L, true)]
    [InlineData("max-age=10; preload; other=\"a;max-age=5\"", 10L, false)]
    [InlineData("max-age=99999999999999999999", HstsField.LongestAge, false)]
    [InlineData("max-age=0", 0L, false)]
    public void Field_is_read(string field, long age, bool includesSubdomains) => Assert.Equal(new HstsField(age, includesSubdomains), HstsField.Parse(field));

    [Theory]
    [InlineData("")]
    [InlineData("includeSubDomains")]
    [InlineData("max-age")]
    [InlineData("max-age=")]
    [InlineData("max-age=-1")]
    [InlineData("max-age=1.5")]
    [InlineData("max-age=10; max-age=20")]
    [InlineData("max-age=10; includeSubDomains; includeSubDomains")]
    [InlineData("max-age=10; includeSubDomains=yes")]
    [InlineData("max-age=\"10")]
    public void Field_that_breaks_the_rules_says_nothing(string field) => Assert.Null(HstsField.Parse(field));

    [Fact]
    public async Task Only_the_first_of_several_fields_counts()
    {
        var fields = new HeaderMap();
        fields.Add("Strict-Transport-Security", "max-age=10");
        fields.Add("Strict-Transport-Security", "max-age=0");
        _server.When("GET", "*").Reply(new MockReply { Headers = fields });
        using var client = Client();
        await GetAsync(client, "https://a.test/");
        Assert.True(_hosts.Covers("a.test"));
    }

    [Fact]
    public void Number_of_hosts_is_bounded()
    {
        for (var i = 0; i < 10_050; i++)
            _hosts.Add($"h{i}.test", TimeSpan.FromSeconds(1 + i));
        Assert.Equal(10_000, _hosts.Hosts.Count);
        Assert.False(_hosts.Covers("h49.test"));
        Assert.True(_hosts.Covers("h50.test"));
    }

    [Fact]
    public async Task Store_outlives_the_process_and_a_damaged_file_says_what_is_wrong()
    {
        using var place = new TemporaryDirectory();
        var path = Path.Combine(place.Path, "hsts.json");
        Assert.Empty((await HstsStore.LoadAsync(path, _clock, Stop)).Hosts);
        _hosts.Add("a.test", TimeSpan.FromHours(1), includeSubdomains: true);
        await _hosts.SaveAsync(path, Stop);
        Assert.Equal(_hosts.Hosts, (await HstsStore.LoadAsync(path, _clock, Stop)).Hosts);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        foreach (var content in (string[])["", "{\"version\":9,\"hosts\":[]}", "{\"version\":1,\"hosts\":[null]}", "{\"version\":1,\"hosts\":[{\"name\":\"127.0.0.1\",\"includesSubdomains\":true,\"expiresAt\":\"2030-01-01T00:00:00Z\"}]}"])
        {
            await File.WriteAllTextAsync(path, content, Stop);
            Assert.Contains(path, (await Assert.ThrowsAsync<FormatException>(() => HstsStore.LoadAsync(path, _clock, Stop))).Message);
            Assert.Equal(content, await File.ReadAllTextAsync(path, Stop));
        }
    }
}
