using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Proxies that leak, are not verified, or get around the egress policy.</summary>
public class CveProxyTests
{
    private static HTTPClientOptions Through(LoopbackProxy proxy, string scheme = "http", TestCertificateAuthority? authority = null, EgressPolicy? policy = null, bool trusted = false) =>
        RawAnswer.Options with
        {
            Transport = new TransportOptions
            {
                Proxy = ProxyOptions.Parse($"{scheme}://127.0.0.1:{proxy.Port}") with { User = proxy.Options.User, Password = proxy.Options.Password, TrustedForEgress = trusted },
                Tls = new TlsOptions { TrustedRoots = authority is null ? null : [authority.Root] },
                Policy = policy ?? EgressPolicy.Unrestricted,
            },
        };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Cve", "3")]
    public async Task Credentials_of_the_proxy_never_reach_an_origin(bool secure)
    {
        using var authority = new TestCertificateAuthority();
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { User = "proxyuser", Password = "pr0xy" });
        var tls = secure ? new LoopbackTlsOptions { Certificate = authority.Issue() } : null;
        await using var second = LoopbackServer.Start(new LoopbackServerOptions { Tls = tls });
        await using var first = LoopbackServer.Start(new LoopbackServerOptions { Tls = tls });
        second.MapStatic("GET", "/", "there"u8.ToArray());
        first.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", second.Url.ToString())]));
        using var client = new HTTPClient(Through(proxy, authority: authority));
        using var response = await client.GetAsync(first.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("there", response.Text);
        Assert.All(proxy.Requests, request => Assert.True(request.IsAuthenticated));
        foreach (var request in first.Requests.Concat(second.Requests))
            Assert.DoesNotContain(request.Headers, field => field.Key.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase));
        Assert.Equal((1, 1), (first.Requests.Count, second.Requests.Count));
    }

    [Fact]
    [Trait("Cve", "3")]
    public async Task Credentials_of_the_proxy_do_not_follow_a_redirect_to_a_host_that_bypasses_it()
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { User = "proxyuser", Password = "pr0xy" });
        await using var direct = LoopbackServer.Start(new LoopbackServerOptions { Address = IPAddress.Parse("127.0.0.2") });
        await using var first = LoopbackServer.Start();
        direct.MapStatic("GET", "/", "there"u8.ToArray());
        first.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", direct.Url.ToString())]));
        var options = Through(proxy);
        options = options with { Transport = options.Transport with { Proxy = options.Transport.Proxy! with { NoProxy = ["127.0.0.2"] } } };
        using var client = new HTTPClient(options);
        using var response = await client.GetAsync(first.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("there", response.Text);
        Assert.Single(proxy.Requests);
        Assert.False(direct.Requests[0].Headers.Contains("Proxy-Authorization"));
    }

    [Fact]
    [Trait("Cve", "3")]
    public void Field_with_credentials_of_a_proxy_cannot_be_set() =>
        Assert.Throws<ArgumentException>(() => new HeaderMap { ["Proxy-Authorization"] = "Basic x" });

    [Fact]
    [Trait("Cve", "11")]
    public async Task Proxy_with_a_certificate_that_nobody_vouches_for_fails()
    {
        using var authority = new TestCertificateAuthority();
        using var stranger = new TestCertificateAuthority("Stranger");
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { Tls = new LoopbackTlsOptions { Certificate = stranger.Issue() } });
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } });
        server.MapStatic("GET", "/", "there"u8.ToArray());
        var error = await RawAnswer.FailureAsync(server.Url, Through(proxy, "https", authority));
        Assert.Equal(ErrorCodes.TlsUntrusted, error.Code);
        Assert.Empty(proxy.Requests);
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    [Trait("Cve", "11")]
    public async Task Accepting_any_certificate_of_the_target_does_not_accept_the_proxys()
    {
        using var stranger = new TestCertificateAuthority("Stranger");
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { Tls = new LoopbackTlsOptions { Certificate = stranger.Issue() } });
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = stranger.Issue() } });
        var options = Through(proxy, "https");
        options = options with { Transport = options.Transport with { Tls = new TlsOptions { InsecureAcceptAnyCertificate = true } } };
        var error = await RawAnswer.FailureAsync(server.Url, options);
        Assert.Equal(ErrorCodes.TlsUntrusted, error.Code);
        Assert.Empty(proxy.Requests);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    [InlineData("socks4a")]
    [InlineData("socks5")]
    [InlineData("socks5h")]
    [Trait("Cve", "37")]
    public async Task Proxy_under_a_restrictive_policy_needs_explicit_trust(string scheme)
    {
        await using var proxy = LoopbackProxy.Start();
        foreach (var target in new[] { "http://93.184.215.14/", "https://93.184.215.14/" })
        {
            var error = await RawAnswer.FailureAsync(new Uri(target), Through(proxy, scheme, policy: EgressPolicy.PublicInternetOnly));
            Assert.Equal(ErrorCodes.PolicyDenied, error.Code);
            Assert.Contains("TrustedForEgress", error.Message);
        }
        Assert.Equal(0, proxy.ConnectionCount);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    [InlineData("socks5h")]
    [Trait("Cve", "37")]
    public async Task Trusted_proxy_is_still_not_asked_for_what_the_policy_denies(string scheme)
    {
        await using var proxy = LoopbackProxy.Start();
        foreach (var target in new[] { "http://169.254.169.254/", "https://10.0.0.1/" })
        {
            var error = await RawAnswer.FailureAsync(new Uri(target), Through(proxy, scheme, policy: EgressPolicy.PublicInternetOnly, trusted: true));
            Assert.Equal(ErrorCodes.PolicyDenied, error.Code);
        }
        Assert.Equal(0, proxy.ConnectionCount);
    }

    [Fact]
    [Trait("Cve", "37")]
    public async Task Proxy_of_the_environment_is_not_used_unasked()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("GET", "/", "direct"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options);
        Assert.Null(client.Options.Transport.Proxy);
        var asked = ProxyOptions.FromEnvironment("http", name => name == "http_proxy" ? "http://proxy.test:3128" : null);
        Assert.Equal(("proxy.test", 3128, false), (asked!.Host, asked.Port, asked.TrustedForEgress));
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("direct", response.Text);
    }
}
