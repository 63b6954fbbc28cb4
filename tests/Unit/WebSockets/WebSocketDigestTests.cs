using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>Table WebSocket, row 23: digest access authentication in the handshake (RFC 7616).</summary>
public sealed class WebSocketDigestTests
{
    private static readonly WebSocketOptions Options = new() { Retry = RetryOptions.None, Digest = new WebSocketDigest("ada", "canary-password") };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>A server that wants a proof of the password, and knows one when it sees it.</summary>
    private static WebSocketServer Asking(string password = "canary-password", string algorithm = "SHA-256", Func<string, string, string>? info = null) => WebSocketServer.Start(new WebSocketServerOptions
    {
        Answer = (handshake, _) => Task.FromResult<WebSocketHandshakeAnswer?>(Judge(handshake, password, algorithm, info)),
    });

    private static WebSocketHandshakeAnswer? Judge(WebSocketHandshake handshake, string password, string algorithm, Func<string, string, string>? info)
    {
        var refusal = WebSocketHandshakeAnswer.Refuse(401, "who?", new KeyValuePair<string, string>("WWW-Authenticate", $"Digest realm=\"lab\", nonce=\"n1\", qop=\"auth\", algorithm={algorithm}, opaque=\"o\""));
        if (handshake.Headers["Authorization"] is not { } given || !given.StartsWith("Digest ", StringComparison.Ordinal))
            return refusal;
        var proof = AuthChallenges.Parse(given)[0];
        var secret = $"{Hash($"ada:lab:{password}")}:n1:{proof["nc"]}:{proof["cnonce"]}:auth:";
        if (proof["response"] != Hash(secret + Hash($"GET:{handshake.Target}")) || proof["uri"] != handshake.Target || proof["opaque"] != "o")
            return refusal;
        return info is null ? null : new WebSocketHandshakeAnswer { Headers = [new("Authentication-Info", info(Hash(secret + Hash($":{handshake.Target}")), "auth"))] };
    }

    [Fact]
    public async Task Password_is_proved_when_the_server_asks_and_never_sent()
    {
        await using var server = Asking();
        await using var ws = await WebSocketClient.ConnectAsync(server.Url + "feed?x=1", Options, Stop);
        await ws.SendAsync("in", Stop);
        Assert.Equal("in", (await ws.ReceiveAsync(Stop))!.Value.Text);
        Assert.Equal(2, server.Handshakes.Count);
        Assert.Null(server.Handshakes[0].Headers["Authorization"]);
        Assert.All(server.Handshakes, handshake => Assert.DoesNotContain("canary", string.Join('\n', handshake.Headers.Select(field => field.ToString()))));
    }

    [Fact]
    public async Task Wrong_password_is_told_after_one_try()
    {
        await using var server = Asking("another");
        var error = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Options, Stop));
        Assert.Equal((ErrorCodes.WsHandshake, 401, 2), (error.Code, error.Status, server.Handshakes.Count));
        Assert.DoesNotContain("canary", error.ToString());
    }

    [Fact]
    public async Task Weak_challenge_is_not_answered_unasked()
    {
        await using var server = Asking(algorithm: "MD5");
        Assert.Equal(401, (await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Options, Stop))).Status);
        Assert.Single(server.Handshakes);
        await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Options with { Digest = Options.Digest! with { AllowMd5 = true } }, Stop));
        Assert.Contains("algorithm=MD5", server.Handshakes[2].Headers["Authorization"]);
    }

    [Fact, Trait("Cve", "1")]
    public async Task Challenge_of_another_origin_is_not_answered()
    {
        await using var target = Asking();
        await using var first = WebSocketServer.Start(new WebSocketServerOptions { Answer = (_, _) => Task.FromResult<WebSocketHandshakeAnswer?>(WebSocketHandshakeAnswer.Redirect(target.Url.ToString())) });
        Assert.Equal(401, (await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(first.Url.ToString(), Options, Stop))).Status);
        Assert.Null(Assert.Single(target.Handshakes).Headers["Authorization"]);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Server_that_does_not_prove_the_password_is_left(bool isProofRight)
    {
        await using var server = Asking(info: (proof, qop) => $"rspauth=\"{(isProofRight ? proof : Hash("x"))}\", qop={qop}");
        if (isProofRight)
        {
            await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), Options, Stop);
            return;
        }
        var error = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketClient.ConnectAsync(server.Url.ToString(), Options, Stop));
        Assert.Contains("rspauth", error.Message);
    }

    [Theory, Trait("Cve", "14")]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a\r\nX: y")]
    public void A_user_that_no_field_can_carry_is_a_mistake(string user) =>
        Assert.Contains("User", Assert.Throws<ArgumentException>(() => (Options with { Digest = new WebSocketDigest(user, "x") }).Validate()).Message);

    [Fact]
    public void The_password_never_prints() => Assert.DoesNotContain("canary", $"{Options} {Options.Digest}");
}
