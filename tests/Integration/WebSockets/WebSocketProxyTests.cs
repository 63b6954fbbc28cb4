using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.WebSockets;
using static Codomyrmex.Networking.Tests.Integration.WebSockets.WebSocketTalk;

namespace Codomyrmex.Networking.Tests.Integration.WebSockets;

/// <summary>The client with nginx or squid between it and npm's <c>ws</c>.</summary>
public class WebSocketProxyTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task Through_nginx_messages_pings_and_closes_go_both_ways_and_its_crash_is_a_loss(bool tls)
    {
        using var authority = new TestCertificateAuthority();
        await using var server = await WebSocketPeer.StartNodeAsync(compresses: true);
        await using var nginx = await NginxWebSocketProxy.StartAsync(authority, server.Port);
        var url = tls ? nginx.Tls : nginx.Plain;
        var options = new WebSocketOptions
        {
            Compression = WebSocketCompression.Default,
            Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [authority.Root] } },
        };
        await using (var ws = await WebSocketClient.ConnectAsync(url, options, Stop))
        {
            Assert.True(ws.IsCompressed);
            await AssertEchoesAsync(ws);
            await AssertPingsAsync(ws);
            await ws.CloseAsync(WebSocketCloseCode.GoingAway, "bye", Stop);
            await server.SeesAsync("closed 1001 bye", Stop);
        }
        await using (var ws = await WebSocketClient.ConnectAsync(url, options, Stop))
        {
            await ws.SendAsync("half", Stop);
            await AssertLostAsync(ws);
        }
        await using (var ws = await WebSocketClient.ConnectAsync(url, options, Stop))
        {
            nginx.Kill();
            await AssertLostAsync(ws);
        }
    }

    [Fact]
    public async Task Where_the_server_behind_nginx_is_gone_the_handshake_fails_with_502()
    {
        using var authority = new TestCertificateAuthority();
        await using var nginx = await NginxWebSocketProxy.StartAsync(authority, ServerProcess.FreePort());
        var error = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(nginx.Plain, new WebSocketOptions { Retry = Resilience.RetryOptions.None }, Stop));
        Assert.Equal((ErrorCodes.WsHandshake, 502), (error.Code, error.Status));
        Assert.Contains("nginx", error.BodyExcerpt);
    }

    [Fact]
    public async Task Through_squid_a_tunnel_carries_messages_and_its_crash_is_a_loss()
    {
        var port = ServerProcess.FreePort();
        await using var server = await WebSocketPeer.StartNodeAsync();
        await using var squid = await SquidProxy.StartAsync(port, withCredentials: true);
        var proxy = new ProxyOptions { Kind = ProxyKind.Http, Host = "127.0.0.1", Port = port, User = SquidProxy.User, Password = SquidProxy.Password };
        var options = new WebSocketOptions { Transport = new TransportOptions { Proxy = proxy }, Retry = Resilience.RetryOptions.None };
        await using var ws = await WebSocketClient.ConnectAsync(server.Url, options, Stop);
        await AssertEchoesAsync(ws);
        await AssertPingsAsync(ws);

        var refused = await Assert.ThrowsAsync<ProxyException>(() => WebSocketClient.ConnectAsync(server.Url, options with { Transport = new TransportOptions { Proxy = proxy with { Password = "wr0ng-canary" } } }, Stop));
        Assert.Equal(ErrorCodes.ProxyAuthentication, refused.Code);
        Assert.DoesNotContain("wr0ng-canary", refused.ToString());

        squid.Kill();
        await AssertLostAsync(ws);
    }
}
