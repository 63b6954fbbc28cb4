using System.Net;
using System.Net.Security;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public sealed class LoopbackProxyTests : IAsyncDisposable
{
    private readonly TestCertificateAuthority _authority = new();
    private readonly LoopbackServer _plain = LoopbackServer.Start();
    private readonly LoopbackServer _secure;

    public LoopbackProxyTests()
    {
        _secure = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = _authority.Issue() } });
        _plain.Map("*", "/{**any}", async exchange =>
            await exchange.RespondAsync(200, $"plain {exchange.Target} {(await exchange.ReadBodyAsync()).Length}"));
        _secure.Map("GET", "/", exchange => exchange.RespondAsync(200, "secure"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        await _secure.DisposeAsync();
        _authority.Dispose();
    }

    private static HttpClient Client(LoopbackProxy proxy, string scheme, string? user = null, string? password = null) => new(new SocketsHttpHandler
    {
        Proxy = new WebProxy(proxy.Url(scheme)) { Credentials = user is null ? null : new NetworkCredential(user, password) },
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    });

    [Theory]
    [InlineData("http", ProxyProtocol.HttpForward, ProxyProtocol.HttpConnect)]
    [InlineData("https", ProxyProtocol.HttpForward, ProxyProtocol.HttpConnect)]
    [InlineData("socks4a", ProxyProtocol.Socks4a, ProxyProtocol.Socks4a)]
    [InlineData("socks5", ProxyProtocol.Socks5, ProxyProtocol.Socks5)]
    public async Task Requests_go_through_and_are_recorded(string scheme, ProxyProtocol plainly, ProxyProtocol securely)
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions
        {
            Tls = scheme == "https" ? new LoopbackTlsOptions { Certificate = _authority.Issue() } : null,
            Hosts = new Dictionary<string, IPAddress> { ["name.test"] = IPAddress.Loopback },
        });
        using var http = Client(proxy, scheme);
        Assert.Equal("plain /x?y=1 0", await http.GetStringAsync($"http://name.test:{_plain.Port}/x?y=1", Cancel));
        using var posted = await http.PostAsync($"http://name.test:{_plain.Port}/x", new ByteArrayContent(new byte[100_000]), Cancel);
        Assert.Equal("plain /x 100000", await posted.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("secure", await http.GetStringAsync($"https://name.test:{_secure.Port}/", Cancel));
        var requests = proxy.Requests;
        Assert.Equal(plainly, requests[0].Protocol);
        Assert.Equal(securely, requests[^1].Protocol);
        Assert.All(requests, request => Assert.Equal("name.test", request.Host));
        Assert.Equal(_secure.Port, requests[^1].Port);
        Assert.All(_plain.Requests, request => Assert.DoesNotContain(request.Headers, field => field.Key.StartsWith("Proxy", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    public async Task Credentials_are_demanded_and_recorded(string scheme)
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { User = "alice", Password = "p:w" });
        using var right = Client(proxy, scheme, "alice", "p:w");
        Assert.Equal("secure", await right.GetStringAsync($"https://127.0.0.1:{_secure.Port}/", Cancel));
        Assert.Equal(("alice", "p:w", true), proxy.Requests.Select(one => (one.User, one.Password, one.IsAuthenticated)).Last());
        using var wrong = Client(proxy, scheme, "alice", "x");
        await Assert.ThrowsAsync<HttpRequestException>(() => wrong.GetStringAsync($"https://127.0.0.1:{_secure.Port}/", Cancel));
        Assert.False(proxy.Requests[^1].IsAuthenticated);
        using var none = Client(proxy, scheme);
        await Assert.ThrowsAsync<HttpRequestException>(() => none.GetStringAsync($"https://127.0.0.1:{_secure.Port}/", Cancel));
        Assert.Null(proxy.Requests[^1].User);
        Assert.DoesNotContain("p:w", proxy.Options.ToString());
        Assert.DoesNotContain("p:w", proxy.Requests[^1].ToString());
    }

    [Theory]
    [InlineData("\u0004\u0001\u0000\u0050\u0000\u0000\u0000\u0001bob\u0000x.test\u0000", new byte[] { 0, 93 }, "x.test")]
    [InlineData("\u0004\u0001\u0000\u0050\u007f\u0000\u0000\u0001alice\u0000", new byte[] { 0, 91 }, "127.0.0.1")]
    public async Task Socks4_refuses_a_wrong_user_and_what_it_cannot_reach(string request, byte[] start, string host)
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { User = "alice", Decide = _ => ProxyDecision.Refuse() });
        using var raw = await RawClient.ConnectAsync(proxy.Port);
        await raw.SendAsync(request);
        Assert.Equal(start, (await raw.ReadAsync(8))[..2]);
        Assert.Equal(host, Assert.Single(proxy.Requests).Host);
    }

    [Fact]
    public async Task Only_loopback_is_reached()
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions
        {
            Hosts = new Dictionary<string, IPAddress> { ["far.test"] = IPAddress.Parse("192.0.2.1") },
        });
        foreach (var host in (string[])["far.test", "192.0.2.1", "unknown.test"])
        {
            var answer = await RawClient.ExchangeAsync(proxy.Port, $"CONNECT {host}:80 HTTP/1.1\r\nHost: {host}:80\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 403 ", answer);
        }
        using var raw = await RawClient.ConnectAsync(proxy.Port);
        await raw.SendAsync("\u0005\u0001\u0000\u0005\u0001\u0000\u0001\u00c0\u0000\u0002\u0001\u0000\u0050");
        Assert.Equal([5, 0, 5, 2], (await raw.ReadAsync(12))[..4]);
    }

    [Theory]
    [InlineData("CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 418 ")]
    [InlineData("GET http://127.0.0.1/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 418 ")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET /\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("\u0005\u0001\u0000\u0005\u0001\u0000\u0003\u0001a\u0000\u0050", "\u0005\u0000\u0005\u0004\u0000\u0001")]
    [InlineData("\u0005\u0001\u0007", "\u0005\u00ff")]
    public async Task Refusals_are_as_decided(string request, string start)
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { Decide = _ => ProxyDecision.Refuse(418, 4) });
        using var raw = await RawClient.ConnectAsync(proxy.Port);
        await raw.SendAsync(request);
        raw.ShutdownSend();
        Assert.StartsWith(start, await raw.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_can_stall_talk_nonsense_and_hang_up()
    {
        var decisions = new Queue<ProxyDecision>([ProxyDecision.Garbage, ProxyDecision.Close, ProxyDecision.Stall]);
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { Decide = _ => decisions.Dequeue() });
        const string Request = "CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: a\r\n\r\n";
        var garbage = await RawClient.ExchangeAsync(proxy.Port, Request);
        Assert.DoesNotContain("HTTP", garbage);
        Assert.NotEmpty(garbage);
        Assert.Empty(await RawClient.ExchangeAsync(proxy.Port, Request));
        using var raw = await RawClient.ConnectAsync(proxy.Port);
        await raw.SendAsync(Request);
        raw.ShutdownSend();
        Assert.Empty(await raw.ReadToEndAsync());
        Assert.Equal(3, proxy.Requests.Count);
    }

    [Fact]
    public async Task A_closed_port_is_a_bad_gateway()
    {
        int port;
        await using (var gone = LoopbackServer.Start())
            port = gone.Port;
        await using var proxy = LoopbackProxy.Start();
        Assert.StartsWith("HTTP/1.1 502 ", await RawClient.ExchangeAsync(proxy.Port, $"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
}
