using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Http;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>Table WebSocket, row 22: what goes wrong with a WebSocket as a stream of HTTP/2 (RFC 8441). What goes right is shown with Kestrel.</summary>
public sealed class WebSocketHttp2Tests
{
    private const byte EndHeaders = 4;

    private static readonly WebSocketOptions Options = new() { HttpVersion = WebSocketHttpVersion.Http2, Retry = RetryOptions.None };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string UrlOf(ScriptedServer server) => $"ws://127.0.0.1:{server.Port}/";

    private static async Task<TError> FailsAsync<TError>(ScriptedServer server, WebSocketOptions options) where TError : NetworkException =>
        await Assert.ThrowsAsync<TError>(() => WebSocketClient.ConnectAsync(UrlOf(server), options, Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop));

    [Fact]
    public async Task Server_without_the_setting_is_asked_nothing()
    {
        await using var server = Http2Peer.Start(static peer => peer.ReadUntilAsync(Http2Peer.Headers));
        var error = await FailsAsync<WebSocketException>(server, Options);
        Assert.Equal((ErrorCodes.WsHandshake, false, WasSent.Maybe), (error.Code, error.IsTransient, error.WasSent));
        Assert.NotEmpty(error.Attempts);
    }

    [Fact]
    public async Task Without_TLS_nothing_is_preferred()
    {
        await using var server = WebSocketServer.Start();
        await using var ws = await WebSocketClient.ConnectAsync(server.Url.ToString(), Options with { HttpVersion = WebSocketHttpVersion.PreferHttp2 }, Stop);
        Assert.False(ws.IsHttp2);
    }

    [Fact]
    public async Task Stream_that_is_reset_in_the_handshake_is_a_connection_error()
    {
        await using var server = Http2Peer.Start(static async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.ResetStream, 0, stream, [0, 0, 0, 2]);
        }, Http2Peer.EnableConnect);
        var error = await FailsAsync<ConnectionException>(server, Options);
        Assert.Equal((ErrorCodes.TcpReset, true), (error.Code, error.IsTransient));
    }

    [Fact]
    public async Task Server_that_keeps_silent_is_a_timeout()
    {
        await using var server = Http2Peer.Start(static peer => peer.ReadUntilAsync(Http2Peer.Headers), Http2Peer.EnableConnect);
        var error = await FailsAsync<NetworkTimeoutException>(server, Options with { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromMilliseconds(100) } });
        Assert.Equal((ErrorCodes.TimeoutFirstByte, WasSent.Maybe), (error.Code, error.WasSent));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Stream_or_connection_that_breaks_later_is_a_loss(bool isStream)
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, EndHeaders, stream, Http2Peer.Status200);
            await peer.SendAsync(Http2Peer.Data, 0, stream, [0x81, 2, (byte)'h', (byte)'i']);
            await peer.ReadUntilAsync(Http2Peer.Data);
            if (isStream)
                await peer.SendAsync(Http2Peer.ResetStream, 0, stream, [0, 0, 0, 8]);
            else
                peer.Reset();
        }, Http2Peer.EnableConnect);
        await using var ws = await WebSocketClient.ConnectAsync(UrlOf(server), Options, Stop);
        Assert.Equal("hi", (await ws.ReceiveAsync(Stop))!.Value.Text);
        await ws.SendAsync("go", Stop);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(async () => await ws.ReceiveAsync(Stop));
        Assert.True(error.IsTransient);
        Assert.Equal(WebSocketCloseCode.Abnormal, ws.Closed!.Code);
    }

    [Fact]
    public async Task Consent_to_what_was_not_offered_fails_the_handshake()
    {
        await using var server = Http2Peer.Start(static async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            // Literal field without indexing (RFC 7541, section 6.2.2).
            byte[] field = [0, 22, .. "sec-websocket-protocol"u8, 4, .. "chat"u8];
            await peer.SendAsync(Http2Peer.Headers, EndHeaders, stream, [.. Http2Peer.Status200, .. field]);
            await peer.ReadUntilAsync(Http2Peer.ResetStream);
        }, Http2Peer.EnableConnect);
        var error = await FailsAsync<WebSocketException>(server, Options);
        Assert.Equal(ErrorCodes.WsHandshake, error.Code);
        Assert.Contains("'chat', which was not offered", error.Message);
    }
}
