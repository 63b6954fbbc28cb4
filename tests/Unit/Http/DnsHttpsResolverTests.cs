using System.Buffers.Text;
using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Transport;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Names are resolved by DNS over HTTPS (RFC 8484).</summary>
public sealed class DnsHttpsResolverTests : IAsyncDisposable
{
    private const string MediaType = "application/dns-message";

    private readonly TestCertificateAuthority _authority = new();
    private readonly LoopbackServer _server;
    private Func<byte[], byte[]> _answer = static query => DnsTestMessage.Reply(query, records: DnsTestMessage.TypeOf(query) == DnsRecordType.A
        ? [DnsTestMessage.Address(null, 60, "127.0.0.1")]
        : []);
    private string _type = MediaType;
    private KeyValuePair<string, string>[] _fields = [];
    private int _status = 200;

    public DnsHttpsResolverTests()
    {
        _server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = _authority.Issue() } });
        _server.Map("POST", "/dns-query", async exchange => await exchange.RespondAsync(_status, _answer(await exchange.ReadBodyAsync()), _type, _fields));
        _server.Map("GET", "/dns-query", exchange => exchange.RespondAsync(_status, _answer(Base64Url.DecodeFromChars(exchange.Query["dns"])), _type, _fields));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private DnsHttpsOptions Options => new()
    {
        Url = $"https://localhost:{_server.Port}/dns-query",
        Bootstrap = [IPAddress.Loopback],
        Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
    };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    private async Task<NetworkException> FailAsync(DnsHttpsOptions? options = null)
    {
        await using var resolver = new DnsHttpsResolver(options ?? Options);
        return await Assert.ThrowsAnyAsync<NetworkException>(async () => await resolver.ResolveAsync("name.test", Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dns_over_https_resolves_the_names_of_a_client(bool get)
    {
        await using var target = LoopbackServer.Start();
        target.MapStatic("GET", "/", "found"u8.ToArray());
        await using var resolver = new DnsHttpsResolver(Options with { UseGet = get });
        using var client = new HTTPClient(RawAnswer.Options with { Transport = new TransportOptions { Resolver = new ResolverOptions { Custom = resolver } } });
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync($"http://only-here.test:{target.Port}/", cancellationToken: Stop);
            Assert.Equal("found", response.Text);
        }
        // A and AAAA once each: the second request had the answer cached, and its connection.
        Assert.Equal(2, _server.Requests.Count);
        var asked = _server.Requests[0];
        Assert.Equal((get ? "GET" : "POST", MediaType, null), (asked.Method, asked.Headers["Accept"], asked.Headers["User-Agent"]));
        Assert.Equal(get ? null : MediaType, asked.Headers["Content-Type"]);
    }

    [Fact]
    public async Task Question_has_identifier_zero_and_the_answers_life_is_shortened_by_its_age()
    {
        byte[]? asked = null;
        _answer = query => DnsTestMessage.Reply(asked = query, records: [DnsTestMessage.Address(null, 300, "192.0.2.7")]);
        _fields = [new("Age", "100")];
        await using var resolver = new DnsHttpsResolver(Options with { Families = IPFamilies.IPv4 });
        var found = await resolver.ResolveAsync("name.test", Stop);
        Assert.Equal((IPAddress.Parse("192.0.2.7"), TimeSpan.FromSeconds(200)), (Assert.Single(found.Addresses), found.TimeToLive));
        Assert.Equal((0, 0), (asked![0], asked[1]));
        _fields = [new("Age", "99999999999")];
        Assert.Equal(TimeSpan.Zero, (await resolver.ResolveAsync("name.test", Stop)).TimeToLive);
    }

    [Fact]
    public async Task Both_families_are_asked_for_and_merged()
    {
        _answer = query => DnsTestMessage.Reply(query, records: [DnsTestMessage.Address(null, 60, DnsTestMessage.TypeOf(query) == DnsRecordType.A ? "192.0.2.1" : "2001:db8::1")]);
        await using var resolver = new DnsHttpsResolver(Options);
        Assert.Equal(["2001:db8::1", "192.0.2.1"], (await resolver.ResolveAsync("name.test", Stop)).Addresses.Select(address => address.ToString()));
        Assert.Equal(IPAddress.Parse("192.0.2.9"), Assert.Single((await resolver.ResolveAsync("192.0.2.9", Stop)).Addresses));
    }

    [Theory]
    [InlineData(DnsTestMessage.NxDomain, ErrorCodes.DnsNotFound)]
    [InlineData(DnsTestMessage.NoError, ErrorCodes.DnsNotFound)]
    [InlineData(DnsTestMessage.ServFail, ErrorCodes.DnsServerFailure)]
    [InlineData(DnsTestMessage.Refused, ErrorCodes.DnsServerFailure)]
    public async Task Refusal_of_the_server_has_the_code_that_any_dns_server_gives(int code, string expected)
    {
        _answer = query => DnsTestMessage.Reply(query, code);
        var error = await FailAsync();
        Assert.IsType<DNSResolutionException>(error);
        Assert.Equal((expected, NetworkPhase.Resolve), (error.Code, error.Phase));
        Assert.Contains("name.test", error.Message);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("type")]
    [InlineData("other question")]
    [InlineData("garbage")]
    [InlineData("too long")]
    [InlineData("redirect")]
    public async Task Answer_that_is_none_is_a_server_failure(string what)
    {
        var good = _answer;
        switch (what)
        {
            case "status":
                _status = 404;
                break;
            case "type":
                _type = "application/json";
                break;
            case "other question":
                _answer = query => [.. good(query)[..12], 5, .. "other"u8, .. good(query)[13..]];
                break;
            case "garbage":
                _answer = query => [.. good(query)[..12], .. new byte[30]];
                break;
            case "too long":
                _answer = query => [.. good(query), .. new byte[70_000]];
                break;
            default:
                (_status, _fields) = (302, [new("Location", "http://127.0.0.1:9/")]);
                break;
        }
        var error = await FailAsync();
        Assert.IsType<DNSResolutionException>(error);
        Assert.Equal(ErrorCodes.DnsServerFailure, error.Code);
    }

    [Fact]
    public async Task Server_that_is_gone_or_not_trusted_is_a_server_failure_and_a_silent_one_a_timeout()
    {
        var untrusted = await FailAsync(Options with { Transport = TransportOptions.Default });
        Assert.Equal((ErrorCodes.DnsServerFailure, ErrorCodes.TlsUntrusted), (untrusted.Code, ((NetworkException)untrusted.InnerException!).Code));
        var gone = await FailAsync(new DnsHttpsOptions { Url = "https://127.0.0.1:9/dns-query" });
        Assert.Equal(ErrorCodes.DnsServerFailure, gone.Code);
        await using var silent = RawAnswer.ThenStall("");
        var late = await FailAsync(new DnsHttpsOptions { Url = silent.Url + "dns-query", Timeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(ErrorCodes.DnsTimeout, late.Code);
    }

    [Fact]
    public async Task Policy_denies_the_server_like_any_other_target()
    {
        var transport = Options.Transport with { Policy = EgressPolicy.PublicInternetOnly };
        Assert.IsType<PolicyException>(await FailAsync(Options with { Transport = transport }));
        Assert.Equal(0, _server.ConnectionCount);
    }

    [Fact]
    public async Task Server_named_by_its_address_needs_no_bootstrap_and_does_not_mind_one()
    {
        foreach (var bootstrap in new IPAddress[][] { [], [IPAddress.Parse("192.0.2.1")] })
        {
            await using var resolver = new DnsHttpsResolver(Options with { Url = $"https://127.0.0.1:{_server.Port}/dns-query", Bootstrap = bootstrap });
            Assert.Single((await resolver.ResolveAsync("name.test", Stop)).Addresses);
        }
    }

    [Fact]
    public async Task Resolver_of_the_transport_is_not_asked_for_the_servers_own_name()
    {
        var other = DnsScriptedResolver.NotFound();
        await using var resolver = new DnsHttpsResolver(Options with { Transport = Options.Transport with { Resolver = new ResolverOptions { Custom = other } } });
        Assert.Single((await resolver.ResolveAsync("name.test", Stop)).Addresses);
        Assert.Empty(other.Asked);
    }

    [Theory]
    [InlineData("https://dns.test/dns-query", "Bootstrap")]
    [InlineData("http://192.0.2.1/dns-query", "https")]
    [InlineData("https://192.0.2.1/dns-query?x=1", "path")]
    [InlineData("https://user:secret@192.0.2.1/dns-query", "path")]
    public void Setting_that_makes_no_sense_is_refused_by_name(string url, string what) =>
        Assert.Contains(what, Assert.ThrowsAny<ArgumentException>(() => new DnsHttpsResolver(new DnsHttpsOptions { Url = url })).Message);
}
