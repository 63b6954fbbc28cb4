using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>How a connection comes about: handshake, redirects, proxies, policy, other streams.</summary>
public class WebSocketConnectTests
{
    private static readonly WebSocketOptions Once = new() { Retry = Networking.Resilience.RetryOptions.None };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static WebSocketServer Answering(Func<WebSocketHandshake, WebSocketHandshakeAnswer?> answer, WebSocketServerOptions? options = null) =>
        WebSocketServer.Start((options ?? new()) with { Answer = (handshake, _) => Task.FromResult(answer(handshake)) });

    private static async Task EchoesAsync(WebSocketClient ws)
    {
        await ws.SendAsync("over", Cancel);
        Assert.Equal("over", (await ws.ReceiveAsync(Cancel))!.Value.Text);
    }

    [Fact]
    public async Task The_subprotocol_that_the_server_chooses_is_known_and_was_offered()
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { Subprotocols = ["graphql-ws", "chat"] });
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), Once with { Subprotocols = ["chat", "graphql-ws"] }, Cancel);
        Assert.Equal("graphql-ws", ws.Subprotocol);
        Assert.Equal(["chat", "graphql-ws"], server.Handshakes[0].Subprotocols);
    }

    [Theory, InlineData("other"), InlineData("CHAT"), InlineData("")]
    public async Task A_server_that_chooses_no_subprotocol_of_those_offered_fails_the_handshake(string chosen)
    {
        await using var server = Answering(_ => new() { Subprotocol = chosen });
        var error = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once with { Subprotocols = ["chat"] }, Cancel));
        Assert.Equal(ErrorCodes.WsHandshake, error.Code);
    }

    [Fact]
    public async Task A_refused_handshake_tells_status_fields_and_a_bounded_body()
    {
        await using var server = Answering(_ => WebSocketHandshakeAnswer.Refuse(403, new string('n', 100_000) + "secret end", [new("X-Reason", "quota")]));
        var error = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once, Cancel));
        Assert.Equal((ErrorCodes.WsHandshake, 403, "quota"), (error.Code, error.Status, error.Headers!["X-Reason"]));
        Assert.InRange(error.BodyExcerpt!.Length, 1000, 1100);
        Assert.DoesNotContain("secret end", error.BodyExcerpt);
        Assert.Equal(WasSent.Yes, error.WasSent);
    }

    [Fact, Trait("Cve", "42")]
    public async Task A_wrong_accept_fails_the_handshake_and_nothing_is_sent_before_it_is_checked()
    {
        WebSocketHandshake? seen = null;
        await using var server = WebSocketServer.Start(new WebSocketServerOptions
        {
            Answer = async (handshake, ct) =>
            {
                seen = handshake;
                await Task.Yield();
                return new() { Accept = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
            },
        });
        var error = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once with
        {
            OnConnected = async (setup, ct) => await setup.SendAsync("too early", ct),
        }, Cancel));
        Assert.Equal(ErrorCodes.WsHandshake, error.Code);
        Assert.Equal(0, seen!.EarlyBytes);
        Assert.All(server.Connections, connection => Assert.Empty(connection.Frames));
    }

    [Fact, Trait("Cve", "1"), Trait("Cve", "2")]
    public async Task A_redirect_to_another_origin_leaves_credentials_behind()
    {
        await using var target = WebSocketServer.Start();
        await using var first = Answering(handshake => handshake.Path == "/" ? WebSocketHandshakeAnswer.Redirect("/again", 307) : WebSocketHandshakeAnswer.Redirect(target.Url.ToString()));
        await using var ws = await WebSocketClient.ConnectAsync(first.Url.ToString(), Once with
        {
            Headers = new HeaderMap { ["Authorization"] = "Bearer canary", ["Cookie"] = "a=canary", ["X-Api-Key"] = "canary", ["X-Zauberwort"] = "canary", ["User-Agent"] = "me" },
        }, Cancel);
        await EchoesAsync(ws);
        Assert.Equal(["/", "/again"], first.Handshakes.Select(handshake => handshake.Path));
        Assert.All(first.Handshakes, handshake => Assert.Equal("Bearer canary", handshake.Headers["Authorization"]));
        Assert.DoesNotContain(target.Handshakes[0].Headers, field => field.Value.Contains("canary"));
        Assert.Equal("me", target.Handshakes[0].Headers["User-Agent"]);
        Assert.Equal(3, first.Handshakes.Concat(target.Handshakes).Select(handshake => handshake.Key).Distinct().Count());
    }

    [Fact]
    public async Task Redirects_have_a_limit_and_can_be_switched_off()
    {
        await using var server = Answering(_ => WebSocketHandshakeAnswer.Redirect("/round"));
        var error = await Assert.ThrowsAsync<HTTPException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once with { RedirectLimit = 3 }, Cancel));
        Assert.Equal(ErrorCodes.HttpTooManyRedirects, error.Code);
        Assert.Equal(4, server.Handshakes.Count);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once with { RedirectLimit = 0 }, Cancel));
        Assert.Equal(302, refused.Status);
    }

    [Theory, Trait("Cve", "6"), Trait("Cve", "8")]
    [InlineData("file:///etc/passwd"), InlineData("ftp://127.0.0.1/"), InlineData("unix:/tmp/x"), InlineData("ws://127.0.0.1:1/")]
    public async Task A_redirect_to_another_scheme_or_out_of_TLS_is_refused(string location)
    {
        using var authority = new TestCertificateAuthority();
        await using var server = Answering(_ => WebSocketHandshakeAnswer.Redirect(location), new() { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } });
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once with
        {
            Transport = TransportOptions.Default with { Tls = TlsOptions.Default with { TrustedRoots = [authority.Root] } },
        }, Cancel));
        Assert.Equal(ErrorCodes.HttpRedirectRefused, error.Code);
    }

    [Theory, InlineData("http"), InlineData("https"), InlineData("HTTP"), InlineData("tcp")]
    public async Task A_url_of_another_scheme_than_ws_and_wss_is_a_wrong_argument(string scheme)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => WebSocketClient.ConnectAsync($"{scheme}://127.0.0.1:9/", Once, Cancel));
        Assert.Contains("write ws or wss", error.Message);
    }

    [Fact]
    public async Task A_redirect_may_name_the_scheme_of_http()
    {
        await using var target = WebSocketServer.Start();
        await using var server = Answering(_ => WebSocketHandshakeAnswer.Redirect($"http://127.0.0.1:{target.Port}/x"));
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), Once, Cancel);
        await EchoesAsync(ws);
        Assert.Equal("/x", Assert.Single(target.Handshakes).Path);
    }

    [Fact, Trait("Cve", "36")]
    public async Task A_redirect_to_a_forbidden_address_is_denied()
    {
        await using var server = Answering(_ => WebSocketHandshakeAnswer.Redirect("ws://169.254.169.254/latest"));
        var policy = EgressPolicy.Parse($$"""{"preset":"nothing","allow":["127.0.0.1:{{server.Port}}"]}""");
        await Assert.ThrowsAsync<PolicyException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once with { Transport = TransportOptions.Default with { Policy = policy } }, Cancel));
    }

    [Theory, InlineData("ws://127.0.0.1:9/"), InlineData("ws://localhost:9/"), InlineData("ws://169.254.169.254/"), InlineData("ws://[::ffff:10.0.0.1]/")]
    public async Task The_egress_policy_is_that_of_http(string url)
    {
        var options = Once with { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } };
        await Assert.ThrowsAsync<PolicyException>(() => WebSocketClient.ConnectAsync(url, options, Cancel));
    }

    [Theory, InlineData("http"), InlineData("socks5"), InlineData("socks5h"), InlineData("socks4a")]
    public async Task It_goes_through_http_and_socks_proxies(string scheme)
    {
        await using var server = WebSocketServer.Start();
        await using var proxy = LoopbackProxy.Start();
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), Once with
        {
            Transport = TransportOptions.Default with { Proxy = ProxyOptions.Parse(proxy.Url(scheme)) },
        }, Cancel);
        await EchoesAsync(ws);
        Assert.Equal(server.Port, Assert.Single(proxy.Requests).Port);
    }

    [Fact]
    public async Task Headers_cookies_and_basic_credentials_are_sent()
    {
        await using var server = WebSocketServer.Start();
        var url = server.Url.ToString().Replace("ws://", "ws://user:pass@");
        await using var ws = await WebSocketClient.ConnectAsync(url, Once with { Headers = new HeaderMap { ["Cookie"] = "a=b", ["Origin"] = "https://app.test", ["X-Trace"] = "1" } }, Cancel);
        var headers = server.Handshakes[0].Headers;
        Assert.Equal(("Basic dXNlcjpwYXNz", "a=b", "https://app.test", "1"), (headers["Authorization"], headers["Cookie"], headers["Origin"], headers["X-Trace"]));
        Assert.DoesNotContain("pass", ws.Url.ToString());
    }

    [Theory, Trait("Cve", "14")]
    [InlineData("X-A", "b\r\nX-Evil: 1"), InlineData("X A", "b"), InlineData("Sec-WebSocket-Key", "x"), InlineData("Sec-WebSocket-Extensions", "x")]
    public async Task Fields_that_would_bend_the_handshake_are_wrong_arguments(string name, string value) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => WebSocketClient.ConnectAsync("ws://127.0.0.1:9/", new WebSocketOptions { Headers = new HeaderMap { [name] = value } }, Cancel));

    [Fact]
    public async Task It_goes_over_a_unix_domain_socket()
    {
        using var folder = new TemporaryDirectory();
        var path = Path.Combine(folder.Path, "ws.sock");
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { UnixSocketPath = path });
        await using var ws = await WebSocketClient.ConnectAsync("ws://localhost/", Once with { Transport = TransportOptions.Default with { UnixSocketPath = path } }, Cancel);
        await EchoesAsync(ws);
    }

    [Fact]
    public async Task It_goes_over_a_given_stream()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await WebSocketClient.ConnectAsync("ws://inside.test/", Once with
        {
            Transport = TransportOptions.Default with
            {
                DialOver = async (_, ct) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    await socket.ConnectAsync(IPAddress.Loopback, server.Port, ct);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
        }, Cancel);
        await EchoesAsync(ws);
        Assert.Equal("inside.test", server.Handshakes[0].Headers["Host"]);
    }

    [Fact]
    public async Task It_speaks_over_TLS_and_refuses_a_certificate_that_nobody_vouches_for()
    {
        using var authority = new TestCertificateAuthority();
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } });
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), Once with
        {
            Transport = TransportOptions.Default with { Tls = TlsOptions.Default with { TrustedRoots = [authority.Root] } },
        }, Cancel);
        await EchoesAsync(ws);
        await Assert.ThrowsAsync<SSLException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once, Cancel));
    }

    [Theory]
    [InlineData("reset"), InlineData("end")]
    public async Task A_server_that_dies_in_the_handshake_is_a_network_error(string how)
    {
        var fault = how == "reset" ? WebSocketFault.Reset() : WebSocketFault.End();
        await using var server = WebSocketServer.Start().Inject(fault with { AtHandshake = true });
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once, Cancel));
        Assert.Equal(NetworkPhase.Handshake, error.Phase);
    }

    [Fact]
    public async Task An_answer_that_comes_byte_by_byte_is_an_answer()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.Dribble(1));
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), Once, Cancel);
        await EchoesAsync(ws);
    }

    [Fact, Trait("Cve", "26")]
    public async Task An_endless_head_is_cut_off()
    {
        await using var server = Answering(_ => new() { Raw = System.Text.Encoding.ASCII.GetBytes("HTTP/1.1 101 Switching Protocols\r\n" + string.Concat(Enumerable.Repeat("X-More: more and more\r\n", 100_000))) });
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Once, Cancel));
        Assert.Equal(ErrorCodes.WsHandshake, error.Code);
    }
}
