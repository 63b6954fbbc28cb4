using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

/// <summary>Table TCP/UDP, row 28: what passes is recorded and played again.</summary>
public class WireTapeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static TCPClient Over(Func<Stream> open) => new("tape.test", 1, new TCPClientOptions
    {
        Framing = Framing.CrLfLines,
        Retry = RetryOptions.None,
        Transport = TransportOptions.Default with { DialOver = (_, _) => ValueTask.FromResult(open()) },
    });

    private static async Task<string> AskAsync(TCPClient client, string text) => Encoding.UTF8.GetString(await client.RequestAsync(Encoding.UTF8.GetBytes(text), Stop));

    private static async Task<WireTape> RecordAsync(params string[] requests)
    {
        var tape = new WireTape();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var line in connection.ReceiveAllAsync(ct))
                await connection.SendAsync($"+{Encoding.UTF8.GetString(line.Span).Length} \t\\ü", ct);
        }, new TCPServerOptions { EndPoints = [], Framing = Framing.CrLfLines });
        await using var client = Over(() =>
        {
            var pair = StreamPair.Create();
            server.Serve(pair.Server);
            return tape.Record(pair.Client);
        });
        foreach (var request in requests)
            await AskAsync(client, request);
        return tape;
    }

    [Fact]
    public async Task Conversation_is_written_down_as_text_that_can_be_compared()
    {
        var tape = await RecordAsync("PING", "two  words ");
        Assert.Equal("""
            # wire tape 1
            > PING\r\n
            < +4 \t\\\xC3\xBC\r\n
            > two\x20 words \r\n
            < +11 \t\\\xC3\xBC\r\n

            """.ReplaceLineEndings("\n"), tape.ToString());
        Assert.Equal(tape.ToString(), WireTape.Parse(tape.ToString()).ToString());
    }

    [Fact]
    public async Task Conversation_is_played_without_the_peer()
    {
        var tape = WireTape.Parse((await RecordAsync("PING", "again")).ToString());
        await using var client = Over(tape.Play);
        Assert.Equal("+4 \t\\ü", await AskAsync(client, "PING"));
        Assert.Equal("+5 \t\\ü", await AskAsync(client, "again"));
        Assert.Equal("tcp.closed_early", (await Assert.ThrowsAsync<ConnectionException>(async () => await client.ReceiveAsync(Stop))).Code);
    }

    [Fact]
    public async Task What_is_not_on_the_tape_is_told()
    {
        var tape = await RecordAsync("PING");
        await using var client = Over(tape.Play);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => AskAsync(client, "PONG"));
        Assert.Contains("The tape goes on with 'PING\\r\\n', and 'PONG\\r\\n' was sent.", error.ToString());
    }

    [Fact, Trait("Cve", "13")]
    public async Task Secrets_are_masked_before_they_are_written_down_and_the_tape_plays_all_the_same()
    {
        var tape = await RecordAsync("Authorization: Bearer canary-1", "LOGIN canary-2");
        Assert.DoesNotContain("canary-1", tape.ToString());
        ReadOnlyMemory<byte> Mask(ReadOnlyMemory<byte> piece) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(piece.Span).Replace("canary-2", "***"));
        var played = WireTape.Parse(tape.ToString().Replace("canary-2", "***"), Mask);
        Assert.DoesNotContain("canary", played.ToString());
        await using var client = Over(played.Play);
        await AskAsync(client, "Authorization: Bearer canary-1");
        await AskAsync(client, "LOGIN canary-2");
    }

    [Fact]
    public async Task Datagrams_are_recorded_by_a_relay_and_played_by_a_server()
    {
        var tape = new WireTape();
        await using (var server = LoopbackUDPServer.Start(static datagram => (byte[])[.. datagram.Span, 0, (byte)'!']))
        await using (var relay = tape.RecordDatagrams(server.EndPoint))
        {
            await using var client = await UDPClient.ConnectAsync("127.0.0.1", relay.EndPoint.Port, null, Stop);
            await client.RequestAsync("one"u8.ToArray(), UDPCorrelations.Anything, null, Stop);
            await client.RequestAsync("two"u8.ToArray(), UDPCorrelations.Anything, null, Stop);
        }
        Assert.Equal("# wire tape 1\n> one\n< one\\x00!\n> two\n< two\\x00!\n", tape.ToString());
        await using var played = WireTape.Parse(tape.ToString()).PlayDatagrams();
        await using var again = await UDPClient.ConnectAsync("127.0.0.1", played.Port, null, Stop);
        foreach (var text in (string[])["two", "one"])
            Assert.Equal(text + "\0!", Encoding.ASCII.GetString((await again.RequestAsync(Encoding.ASCII.GetBytes(text), UDPCorrelations.Anything, null, Stop)).Data.Span));
    }

    [Fact]
    public async Task Every_byte_survives_the_text_and_lines_are_short()
    {
        var bytes = new byte[5000];
        new Random(7).NextBytes(bytes);
        var tape = new WireTape { Mask = static piece => piece };
        await using var stream = tape.Record(Stream.Null);
        await stream.WriteAsync(bytes, Stop);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(new string(' ', 300) + "\n\n "), Stop);
        var text = tape.ToString();
        Assert.All(text.Split('\n'), line => Assert.True(line.Length < 110 && !line.EndsWith(' ')));
        var path = Path.GetTempFileName();
        tape.Save(path);
        Assert.Equal(text, WireTape.Load(path).ToString());
        File.Delete(path);
    }

    [Theory]
    [InlineData("", "Line 1")]
    [InlineData("# wire tape 1\nx", "Line 2")]
    [InlineData("# wire tape 1\n  x", "Line 2")]
    [InlineData("# wire tape 1\n>x", "Line 2")]
    [InlineData("# wire tape 1\n> a\n> \\q", "Line 3")]
    [InlineData("# wire tape 1\n> \\x4", "Line 2")]
    [InlineData("# wire tape 1\n> ü", "Line 2")]
    public void What_is_no_tape_is_told_with_its_line(string text, string line) =>
        Assert.StartsWith(line, Assert.Throws<FormatException>(() => WireTape.Parse(text)).Message);
}
