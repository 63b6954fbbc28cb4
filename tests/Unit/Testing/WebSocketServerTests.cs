using System.Net.WebSockets;
using System.Text;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public class WebSocketServerTests
{
    private const string Head = "GET /chat?x=1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<RawClient> OpenAsync(WebSocketServer server, string more = "")
    {
        var raw = await RawClient.ConnectAsync(server.Port);
        await raw.SendAsync(Head + more + "\r\n");
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", await raw.ReadUntilAsync("\r\n\r\n"));
        return raw;
    }

    private static Task SendAsync(RawClient raw, string hex) => raw.Stream.WriteAsync(Convert.FromHexString(hex), Cancel).AsTask();

    private static async Task<string> RestAsync(RawClient raw) => Convert.ToHexString(Encoding.Latin1.GetBytes(await raw.ReadToEndAsync()));

    [Fact]
    public async Task Texts_and_bytes_come_back_as_what_they_are()
    {
        await using var server = WebSocketServer.Start();
        using var client = new ClientWebSocket();
        await client.ConnectAsync(server.Url, Cancel);
        foreach (var size in (int[])[0, 125, 126, 65536])
        {
            foreach (var kind in (WebSocketMessageType[])[WebSocketMessageType.Text, WebSocketMessageType.Binary])
            {
                var sent = Enumerable.Repeat((byte)'x', size).ToArray();
                await client.SendAsync(sent.AsMemory(), kind, true, Cancel);
                var (got, bytes) = await ReceiveAsync(client);
                Assert.Equal(kind, got);
                Assert.Equal(sent, bytes);
            }
        }
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Cancel);
        var connection = Assert.Single(server.Connections);
        Assert.Equal((1000, "done"), (connection.CloseCode, connection.CloseReason));
        Assert.Equal(9, connection.Frames.Count);
        Assert.Equal(9, connection.Frames.Select(frame => frame.MaskKey).Distinct().Count());
        Assert.Equal(65536, connection.Frames[^2].Length);
        Assert.Empty(server.Violations);
        Assert.False(connection.IsOpen);
    }

    [Theory]
    [InlineData("8100", "not masked")]
    [InlineData("C18000000000", "RSV1")]
    [InlineData("A18000000000", "RSV2 or RSV3")]
    [InlineData("838000000000", "opcode 3")]
    [InlineData("8B8000000000", "opcode 11")]
    [InlineData("89FE007E00000000", "longer than 125")]
    [InlineData("098000000000", "fragmented")]
    [InlineData("808000000000", "continues nothing")]
    [InlineData("018000000000818000000000", "within another")]
    [InlineData("81FE007D00000000", "shortest form")]
    [InlineData("81FF000000000000FFFF00000000", "shortest form")]
    [InlineData("81FF800000000000000000000000", "highest bit")]
    [InlineData("88810000000003", "half a code")]
    [InlineData("88820000000003ED", "code 1005")]
    public async Task A_frame_that_no_client_may_send_is_refused_with_1002(string hex, string problem)
    {
        await using var server = WebSocketServer.Start();
        using var raw = await OpenAsync(server);
        await SendAsync(raw, hex);
        Assert.Contains("03EA", (await RestAsync(raw))[..8]);
        Assert.Contains(problem, Assert.Single(server.Violations));
    }

    [Theory]
    [InlineData("818100000000FF", 1007)]
    [InlineData("0182000000 00E282 80 80 00000000", 1007)]
    [InlineData("88830000000003E8FF", 1007)]
    [InlineData("82FE040000000000", 1009)]
    public async Task What_is_no_text_and_what_is_too_large_have_codes_of_their_own(string hex, int code)
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { MaxMessageBytes = 1000 });
        using var raw = await OpenAsync(server);
        await SendAsync(raw, hex.Replace(" ", ""));
        Assert.Equal(code.ToString("X4"), (await RestAsync(raw))[4..8]);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400", "Upgrade")]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400", "not GET")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "HTTP/1.1 426", "Version")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n", "HTTP/1.1 400", "Key")]
    [InlineData("GET / HTTP/1.1\r\nbroken\r\n\r\n", "HTTP/1.1 400", "colon")]
    public async Task A_handshake_that_is_none_is_refused(string head, string status, string problem)
    {
        await using var server = WebSocketServer.Start();
        var answer = await RawClient.ExchangeAsync(server.Port, head);
        Assert.StartsWith(status, answer);
        Assert.Contains(problem, answer);
        Assert.Empty(server.Connections);
    }

    [Fact]
    public async Task Handshakes_are_answered_as_told_and_kept()
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions
        {
            Subprotocols = ["b", "a"],
            Answer = (handshake, _) => Task.FromResult(handshake.Path switch
            {
                "/moved" => WebSocketHandshakeAnswer.Redirect("ws://other.test/"),
                "/raw" => new WebSocketHandshakeAnswer { Raw = "nonsense"u8.ToArray() },
                "/bent" => new WebSocketHandshakeAnswer { Accept = "wrong", Without = ["upgrade"], Subprotocol = "z", Extensions = "x", Behind = "behind"u8.ToArray() },
                _ => null,
            }),
        });
        Assert.StartsWith("HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: ws://other.test/\r\n\r\n", await RawClient.ExchangeAsync(server.Port, Head.Replace("/chat", "/moved") + "\r\n"));
        Assert.Equal("nonsense", await RawClient.ExchangeAsync(server.Port, Head.Replace("/chat", "/raw") + "\r\n"));
        using var bent = await RawClient.ConnectAsync(server.Port);
        await bent.SendAsync(Head.Replace("/chat", "/bent") + "\r\nearly");
        Assert.Equal("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\nSec-WebSocket-Protocol: z\r\nSec-WebSocket-Extensions: x\r\n\r\nbehind",
            await bent.ReadUntilAsync("behind"));
        using var right = await OpenAsync(server, "Sec-WebSocket-Protocol: a, c, b\r\n");
        Assert.Equal(["/moved", "/raw", "/bent", "/chat"], server.Handshakes.Select(handshake => handshake.Path));
        Assert.Equal([0, 0, 5, 0], server.Handshakes.Select(handshake => handshake.EarlyBytes));
        Assert.Equal("1", server.Handshakes[^1].Query["x"]);
        Assert.Equal("b", server.Connections[^1].Subprotocol);
    }

    [Theory]
    [InlineData(false, false, null, null)]
    [InlineData(true, false, 9, null)]
    [InlineData(false, true, null, 9)]
    [InlineData(true, true, 12, 12)]
    [InlineData(false, false, 15, 15)]
    public async Task Every_agreement_on_compression_works(bool serverForgets, bool clientForgets, int? serverBits, int? clientBits)
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions
        {
            Compression = new() { ServerNoContextTakeover = serverForgets, ClientNoContextTakeover = clientForgets, ServerMaxWindowBits = serverBits, ClientMaxWindowBits = clientBits },
            FragmentBytes = 1000,
        });
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions { ClientMaxWindowBits = 14 };
        await client.ConnectAsync(server.Url, Cancel);
        foreach (var size in (int[])[0, 1, 100, 5000, 100000])
        {
            var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, size).Select(number => (number * 7919 % 1000).ToString()))[..size]);
            await client.SendAsync(text.AsMemory(), WebSocketMessageType.Text, true, Cancel);
            Assert.Equal(text, (await ReceiveAsync(client)).Bytes);
        }
        Assert.Empty(server.Violations);
        Assert.Contains(server.Connections[0].Frames, frame => frame.Rsv == 4);
        Assert.Equal(serverBits is null ? 0 : 1, server.Connections[0].Compression!.Split($"server_max_window_bits={serverBits}").Length - 1);
    }

    [Fact]
    public async Task A_distance_out_of_the_window_agreed_on_is_a_violation()
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { Compression = new() { ClientMaxWindowBits = 9 } });
        using var raw = await OpenAsync(server, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
        using var deflated = new MemoryStream();
        await using (var deflate = new System.IO.Compression.DeflateStream(deflated, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            var once = new byte[700];
            new Random(1).NextBytes(once);
            deflate.Write([.. once, .. once]);
            deflate.Flush();
        }
        var payload = deflated.ToArray()[..^4];
        await raw.Stream.WriteAsync((byte[])[0xC2, 0xFE, (byte)(payload.Length >> 8), (byte)payload.Length, 0, 0, 0, 0, .. payload], Cancel);
        Assert.Equal("03EF", (await RestAsync(raw))[4..8]);
        Assert.Contains("window", Assert.Single(server.Violations));
    }

    [Fact]
    public async Task A_handler_asks_tells_and_closes()
    {
        var clock = new FakeTimeProvider();
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await connection.SendTextAsync("hello", ct);
            await connection.PingAsync(ct);
            var message = await connection.ReceiveAsync(ct);
            await connection.CloseAsync(4000, message!.Text, ct);
        }, new WebSocketServerOptions { TimeProvider = clock });
        using var client = new ClientWebSocket();
        await client.ConnectAsync(server.Url, Cancel);
        Assert.Equal("hello", Encoding.UTF8.GetString((await ReceiveAsync(client)).Bytes));
        await client.SendAsync("bye"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, Cancel);
        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(client)).Kind);
        Assert.Equal((4000, "bye"), ((int)client.CloseStatus!, client.CloseStatusDescription));
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task A_handler_that_fails_closes_with_1011()
    {
        await using var server = WebSocketServer.Start((_, _) => throw new InvalidOperationException("boom"));
        using var client = new ClientWebSocket();
        await client.ConnectAsync(server.Url, Cancel);
        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(client)).Kind);
        Assert.Equal(WebSocketCloseStatus.InternalServerError, client.CloseStatus);
        Assert.Equal("boom", Assert.Single(server.Failures).Message);
    }

    [Fact]
    public async Task A_broadcast_reaches_those_that_are_open()
    {
        await using var server = WebSocketServer.Start();
        using ClientWebSocket one = new(), two = new(), gone = new();
        foreach (var client in (ClientWebSocket[])[one, two, gone])
        {
            await client.ConnectAsync(server.Url, Cancel);
            await client.SendAsync("x"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, Cancel);
            await ReceiveAsync(client);
        }
        await gone.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancel);
        Assert.Equal(2, await server.BroadcastAsync("all", Cancel));
        Assert.Equal("all"u8.ToArray(), (await ReceiveAsync(one)).Bytes);
        Assert.Equal("all"u8.ToArray(), (await ReceiveAsync(two)).Bytes);
    }

    [Fact]
    public async Task It_speaks_over_TLS()
    {
        using var authority = new TestCertificateAuthority();
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } });
        using var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await client.ConnectAsync(server.Url, Cancel);
        Assert.Equal("wss", server.Url.Scheme);
        await client.SendAsync("x"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, Cancel);
        Assert.Equal("x"u8.ToArray(), (await ReceiveAsync(client)).Bytes);
    }

    public static TheoryData<string, WebSocketFault, string> Faults => new()
    {
        { "an end at a byte", WebSocketFault.End() with { AfterBytes = 3 }, "810568" },
        { "an end before the answer", WebSocketFault.End() with { AtHandshake = true }, "" },
        { "an end behind the answer", WebSocketFault.End(), "" },
        { "an end behind a message", WebSocketFault.End() with { AfterSent = 2 }, "810568656C6C6F810568656C6C6F" },
        { "an end behind a message received", WebSocketFault.End() with { AfterReceived = 1 }, "" },
        { "a half-close", WebSocketFault.HalfClose() with { AfterSent = 1 }, "810568656C6C6F" },
        { "bytes in between", WebSocketFault.Send(new byte[] { 0xFF }) with { AfterBytes = 2, Times = 1 }, "8105FF68656C6C6F" },
        { "a close frame", WebSocketFault.Close(1005, new byte[] { 0xC0 }) with { AfterSent = 1 }, "810568656C6C6F880303EDC0" },
        { "everything in pieces", WebSocketFault.Dribble(1), "810568656C6C6F810568656C6C6F810568656C6C6F" },
    };

    [Theory, MemberData(nameof(Faults))]
    public async Task A_fault_happens_at_its_point(string name, WebSocketFault fault, string expected)
    {
        Assert.NotEmpty(name);
        await using var server = WebSocketServer.Start().Inject(fault);
        using var raw = await RawClient.ConnectAsync(server.Port);
        await raw.SendAsync(Head + "\r\n");
        if (!fault.AtHandshake)
            await raw.ReadUntilAsync("\r\n\r\n");
        else
            Assert.Equal("", await raw.ReadToEndAsync());
        for (var i = 0; i < 3 && !fault.AtHandshake; i++)
            await SendAsync(raw, "81850000000068656C6C6F");
        var all = new byte[expected.Length / 2];
        await raw.Stream.ReadExactlyAsync(all, Cancel);
        Assert.Equal(expected, Convert.ToHexString(all));
        Assert.Equal(1, server.FaultCount);
    }

    [Fact]
    public async Task A_reset_is_a_reset()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.Reset() with { AfterReceived = 1 });
        using var raw = await OpenAsync(server);
        await SendAsync(raw, "818000000000");
        await Assert.ThrowsAsync<IOException>(() => raw.ReadAsync(1));
    }

    [Fact]
    public async Task Pings_and_closes_can_be_ignored()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.IgnorePings()).Inject(WebSocketFault.IgnoreClose());
        using var raw = await OpenAsync(server);
        await SendAsync(raw, "89800000000081800000000088800000 0000".Replace(" ", ""));
        raw.ShutdownSend();
        // Only the echo of the text comes, then the end that the client's own asked for.
        Assert.Equal("8100", await RestAsync(raw));
    }

    [Fact]
    public async Task A_fault_is_for_whom_it_names()
    {
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.End() with { Path = "/bad*", Times = 1 });
        foreach (var (path, ends) in ((string, bool)[])[("/good", false), ("/bad", true), ("/bad", false)])
        {
            using var raw = await RawClient.ConnectAsync(server.Port);
            await raw.SendAsync(Head.Replace("/chat", path) + "\r\n");
            await raw.ReadUntilAsync("\r\n\r\n");
            await SendAsync(raw, "818000000000");
            raw.ShutdownSend();
            Assert.Equal(ends ? "" : "8100", await RestAsync(raw) is var rest && rest.Length > 4 ? rest[..4] : rest);
        }
    }

    private static async Task<(WebSocketMessageType Kind, byte[] Bytes)> ReceiveAsync(ClientWebSocket client)
    {
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        while (true)
        {
            var part = await client.ReceiveAsync(buffer.AsMemory(), Cancel);
            all.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return (part.MessageType, all.ToArray());
        }
    }
}
