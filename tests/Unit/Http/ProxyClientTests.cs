using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>The whole client through proxies of every kind.</summary>
public class ProxyClientTests
{
    private static HTTPClientOptions Through(LoopbackProxy proxy, string scheme, TestCertificateAuthority authority, string? user = null, string? password = null) => RawAnswer.Options with
    {
        Transport = new TransportOptions
        {
            Proxy = ProxyOptions.Parse(proxy.Url(scheme)) with { User = user, Password = password },
            Tls = new TlsOptions { TrustedRoots = [authority.Root] },
        },
    };

    [Theory]
    [InlineData("http", false, ProxyProtocol.HttpForward)]
    [InlineData("http", true, ProxyProtocol.HttpConnect)]
    [InlineData("https", false, ProxyProtocol.HttpForward)]
    [InlineData("https", true, ProxyProtocol.HttpConnect)]
    [InlineData("socks4a", false, ProxyProtocol.Socks4a)]
    [InlineData("socks4a", true, ProxyProtocol.Socks4a)]
    [InlineData("socks5", false, ProxyProtocol.Socks5)]
    [InlineData("socks5", true, ProxyProtocol.Socks5)]
    [InlineData("socks5h", false, ProxyProtocol.Socks5)]
    [InlineData("socks5h", true, ProxyProtocol.Socks5)]
    public async Task Request_goes_through_the_proxy_and_its_connection_is_reused(string scheme, bool secure, ProxyProtocol protocol)
    {
        using var authority = new TestCertificateAuthority();
        var tls = new LoopbackTlsOptions { Certificate = authority.Issue() };
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { Tls = scheme == "https" ? tls : null });
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions { Tls = secure ? tls : null }));
        using var client = new HTTPClient(Through(proxy, scheme, authority));
        var url = $"{server.Url.Scheme}://localhost:{server.Port}/get?x=1";
        using var first = await client.GetAsync(url, cancellationToken: TestContext.Current.CancellationToken);
        using var second = await client.GetAsync(url, cancellationToken: TestContext.Current.CancellationToken);
        // This proxy closes behind a request that it forwards; a tunnel stays.
        var stays = protocol != ProxyProtocol.HttpForward;
        Assert.Equal((200, 200, false, stays), (first.Status, second.Status, first.IsReused, second.IsReused));
        // Where HTTP/2 was offered and not taken, the engine may have begun another connection beside the one it then keeps.
        Assert.InRange(proxy.ConnectionCount, stays ? 1 : 2, stays && !secure ? 1 : 2);
        Assert.Equal(protocol, proxy.Requests[0].Protocol);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, proxy.Port), first.RemoteAddress);
        Assert.All(server.Requests, request => Assert.Equal("/get?x=1", request.Target));
        // The proxy resolves the name, except under socks5, where we have resolved and checked it.
        Assert.Equal(scheme == "socks5", IPAddress.TryParse(proxy.Requests[0].Host, out _));
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("http", true)]
    [InlineData("https", false)]
    [InlineData("https", true)]
    [InlineData("socks5h", false)]
    [InlineData("socks5h", true)]
    public async Task Credentials_are_given_to_the_proxy_that_asks_for_them(string scheme, bool secure)
    {
        using var authority = new TestCertificateAuthority();
        var tls = new LoopbackTlsOptions { Certificate = authority.Issue() };
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { Tls = scheme == "https" ? tls : null, User = "user", Password = "p:ss w\u00f6rd" });
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions { Tls = secure ? tls : null }));
        using (var client = new HTTPClient(Through(proxy, scheme, authority, "user", "p:ss w\u00f6rd")))
        {
            using var response = await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(200, response.Status);
        }
        foreach (var (user, password) in new[] { ("user", "wrong"), (null, null) })
        {
            using var client = new HTTPClient(Through(proxy, scheme, authority, user, password));
            var error = await RawAnswer.FailureAsync(client, new Uri(server.Url, "get"));
            Assert.True(error.Code is ErrorCodes.ProxyAuthentication, error.ToString());
            // A proxy that forwards has seen the request itself; one that tunnels has not.
            var seen = scheme.StartsWith("http", StringComparison.Ordinal) && !secure ? WasSent.Yes : WasSent.Never;
            Assert.Equal((NetworkPhase.Proxy, seen, false), (error.Phase, error.WasSent, error.IsTransient));
            Assert.DoesNotContain("wrong", error.ToString());
        }
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Status_407_of_a_server_without_a_proxy_is_an_answer()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url + "status/407", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(407, response.Status);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks4a")]
    [InlineData("socks5")]
    [InlineData("socks5h")]
    public async Task Proxy_that_refuses_talks_nonsense_or_hangs_up_is_a_proxy_error(string scheme)
    {
        using var authority = new TestCertificateAuthority();
        foreach (var (decision, codes) in new[]
        {
            (ProxyDecision.Refuse(), new[] { ErrorCodes.ProxyRefused }),
            (ProxyDecision.Garbage, [ErrorCodes.ProxyProtocol]),
            (ProxyDecision.Close, [ErrorCodes.ProxyProtocol, ErrorCodes.ProxyRefused]),
        })
        {
            await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { Decide = _ => decision });
            var error = await RawAnswer.FailureAsync(new Uri("https://127.0.0.1:9/"), Through(proxy, scheme, authority));
            Assert.True(codes.Contains(error.Code), error.ToString());
            Assert.Equal((NetworkPhase.Proxy, WasSent.Never), (error.Phase, error.WasSent));
            Assert.IsType<ProxyException>(error);
        }
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    [InlineData("socks5")]
    public async Task Proxy_that_is_not_there_is_a_proxy_error(string scheme)
    {
        var options = RawAnswer.Options with { Transport = new TransportOptions { Proxy = ProxyOptions.Parse($"{scheme}://127.0.0.1:1") } };
        foreach (var target in new[] { "http://127.0.0.1:9/", "https://127.0.0.1:9/" })
        {
            var error = await RawAnswer.FailureAsync(new Uri(target), options);
            Assert.Equal((ErrorCodes.ProxyRefused, NetworkPhase.Proxy, WasSent.Never), (error.Code, error.Phase, error.WasSent));
        }
    }

    [Theory]
    [InlineData("127.0.0.0/8")]
    [InlineData("127.0.0.1")]
    [InlineData("*")]
    public async Task Host_on_the_bypass_list_is_reached_directly(string entry)
    {
        await using var proxy = LoopbackProxy.Start();
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var transport = new TransportOptions { Proxy = ProxyOptions.Parse(proxy.Url()) with { NoProxy = [entry] } };
        using var client = new HTTPClient(RawAnswer.Options with { Transport = transport });
        using var response = await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, 0), (response.Status, proxy.ConnectionCount));
    }
}
