using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.WebSockets;
using static Codomyrmex.Networking.Tests.Integration.WebSockets.WebSocketTalk;
using HttpProtocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols;

namespace Codomyrmex.Networking.Tests.Integration.WebSockets;

/// <summary>Table WebSocket, row 22: WebSockets as streams of an HTTP/2 connection (RFC 8441), with Kestrel.</summary>
public sealed class Http2Tests : IDisposable
{
    private readonly TestCertificateAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    private WebSocketOptions Options(WebSocketHttpVersion version = WebSocketHttpVersion.Http2) => new()
    {
        HttpVersion = version,
        Retry = RetryOptions.None,
        Transport = TransportOptions.Default with { Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
    };

    private Task<KestrelServer> StartAsync(bool tls, HttpProtocols protocols = HttpProtocols.Http1AndHttp2) =>
        KestrelServer.StartAsync(tls ? protocols : HttpProtocols.Http2, tls ? _authority.Issue() : null);

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Messages_of_all_lengths_go_there_and_back(bool tls, bool compresses)
    {
        await using var server = await StartAsync(tls);
        await using var ws = await WebSocketClient.ConnectAsync(server.Url, Options() with
        {
            Compression = compresses ? WebSocketCompression.Default : null,
            Subprotocols = ["first", "second"],
            Headers = new() { ["Origin"] = "https://here.test", ["Authorization"] = "Bearer canary" },
        }, Stop);
        Assert.Equal((true, compresses, "second"), (ws.IsHttp2, ws.IsCompressed, ws.Subprotocol));
        Assert.Equal($"HTTP/2 CONNECT {new Uri(server.Url).Authority} / Bearer canary https://here.test", Assert.Single(server.Connections).Value);
        await AssertEchoesAsync(ws);
        Assert.True(await ws.PingAsync(Stop) > TimeSpan.Zero);
        await ws.CloseAsync(WebSocketCloseCode.GoingAway, "bye", Stop);
        Assert.Equal((1001, "bye"), ((int?)(await server.Closed).Code, (await server.Closed).Reason));
    }

    [Fact]
    public async Task Sockets_of_the_same_settings_share_a_connection_and_others_do_not()
    {
        await using var server = await StartAsync(tls: true);
        var options = Options();
        var sockets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => WebSocketClient.ConnectAsync(server.Url, options with { PingInterval = TimeSpan.FromSeconds(5) }, Stop)));
        Assert.Single(server.Connections);
        foreach (var (i, ws) in sockets.Index())
            await ws.SendAsync($"{i}", Stop);
        foreach (var (i, ws) in sockets.Index())
            Assert.Equal($"{i}", (await ws.ReceiveAsync(Stop))!.Value.Text);
        // One that ends leaves the others alone.
        await sockets[0].CloseAsync(WebSocketCloseCode.NormalClosure, "", Stop);
        await sockets[1].SendAsync("half", Stop);
        await AssertLostAsync(sockets[1]);
        await sockets[2].SendAsync("still here", Stop);
        Assert.Equal("still here", (await sockets[2].ReceiveAsync(Stop))!.Value.Text);
        await using var stricter = await WebSocketClient.ConnectAsync(server.Url, options with { Transport = options.Transport with { Policy = EgressPolicy.Unrestricted.Denying("192.0.2.1") } }, Stop);
        Assert.Equal(2, server.Connections.Count);
        foreach (var ws in sockets)
            await ws.DisposeAsync();
    }

    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2, true)]
    [InlineData(HttpProtocols.Http1, false)]
    public async Task Http2_is_preferred_where_it_is_offered(HttpProtocols protocols, bool isOffered)
    {
        await using var server = await StartAsync(tls: true, protocols);
        await using var ws = await WebSocketClient.ConnectAsync(server.Url, Options(WebSocketHttpVersion.PreferHttp2), Stop);
        Assert.Equal(isOffered, ws.IsHttp2);
        await ws.SendAsync("either way", Stop);
        Assert.Equal("either way", (await ws.ReceiveAsync(Stop))!.Value.Text);
    }

    [Fact]
    public async Task Server_that_does_not_offer_it_is_told_as_that()
    {
        await using var server = await StartAsync(tls: true, HttpProtocols.Http1);
        var error = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url, Options(), Stop));
        Assert.Equal(("ws.handshake", false), (error.Code, error.IsTransient));
        Assert.Contains("RFC 8441", error.Message);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Nginx_speaks_HTTP2_without_it(bool falls)
    {
        await using var behind = await KestrelServer.StartAsync();
        await using var nginx = await NginxWebSocketProxy.StartAsync(_authority, new Uri(behind.Url).Port);
        if (!falls)
        {
            Assert.Equal("ws.handshake", (await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(nginx.Tls, Options(), Stop))).Code);
            return;
        }
        await using var ws = await WebSocketClient.ConnectAsync(nginx.Tls, Options(WebSocketHttpVersion.PreferHttp2), Stop);
        Assert.False(ws.IsHttp2);
        await ws.SendAsync("through nginx", Stop);
        Assert.Equal("through nginx", (await ws.ReceiveAsync(Stop))!.Value.Text);
    }

    [Fact]
    public async Task Refusal_tells_status_fields_and_a_bounded_body_and_a_redirect_is_followed()
    {
        await using var server = await StartAsync(tls: true);
        var error = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url + "no", Options(), Stop));
        Assert.Equal(("ws.handshake", 403, "quota", WasSent.Yes), (error.Code, error.Status, error.Headers!["X-Reason"], error.WasSent));
        Assert.StartsWith("not you\\u001b[2J", error.BodyExcerpt);
        Assert.InRange(error.BodyExcerpt!.Length, 1000, 1100);
        await using var ws = await WebSocketClient.ConnectAsync(server.Url + "moved", Options(), Stop);
        Assert.EndsWith("/there?really=yes  ", Assert.Single(server.Connections).Value);
        Assert.Equal(307, (await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url + "moved", Options() with { RedirectLimit = 0 }, Stop))).Status);
    }

    [Fact]
    public async Task Policy_certificate_and_refused_connection_are_told_as_everywhere()
    {
        await using var server = await StartAsync(tls: true);
        var denied = Options() with { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } };
        await Assert.ThrowsAsync<PolicyException>(() => WebSocketClient.ConnectAsync(server.Url, denied, Stop));
        await Assert.ThrowsAsync<PolicyException>(() => WebSocketClient.ConnectAsync(server.Url.Replace("127.0.0.1", "localhost"), denied, Stop));
        Assert.Equal("tls.untrusted", (await Assert.ThrowsAsync<SSLException>(() => WebSocketClient.ConnectAsync(server.Url, Options() with { Transport = TransportOptions.Default }, Stop))).Code);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => WebSocketClient.ConnectAsync($"wss://127.0.0.1:{ServerProcess.FreePort()}/", Options(), Stop));
        Assert.Equal(("tcp.refused", WasSent.Never, 1), (error.Code, error.WasSent, error.Attempts.Count));
        Assert.Empty(server.Connections);
    }

    [Fact]
    public async Task Lost_connection_is_made_again()
    {
        await using var server = await StartAsync(tls: true);
        await using var ws = await WebSocketClient.ConnectAsync(server.Url, Options() with
        {
            Reconnect = new WebSocketReconnect { Delay = TimeSpan.FromMilliseconds(10) },
            OnConnected = static async (setup, ct) => await setup.SendAsync("hello again", ct),
        }, Stop);
        Assert.Equal("hello again", (await ws.ReceiveAsync(Stop))!.Value.Text);
        await ws.SendAsync("half", Stop);
        Assert.Equal("hello again", (await ws.ReceiveAsync(Stop))!.Value.Text);
        Assert.True(ws.IsHttp2);
    }
}
