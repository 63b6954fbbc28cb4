using System.Text;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

/// <summary>Table TCP/UDP, row 28: a dump of what passes.</summary>
public class HexDumpStreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_passes_in_both_directions_is_written_down()
    {
        var dump = new StringWriter { NewLine = "\n" };
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await connection.ReceiveAsync(ct);
            await connection.SendAsync("twenty-one characters", ct);
        }, new TCPServerOptions { EndPoints = [], Framing = Framing.LengthPrefixed(1) });
        await using var client = new TCPClient("dump.test", 1, new TCPClientOptions
        {
            Framing = Framing.LengthPrefixed(1),
            Transport = TransportOptions.Default with
            {
                DialOver = (_, _) =>
                {
                    var pair = StreamPair.Create();
                    server.Serve(pair.Server);
                    return ValueTask.FromResult<Stream>(new HexDumpStream(pair.Client, dump));
                },
            },
        });
        Assert.Equal("twenty-one characters", Encoding.ASCII.GetString(await client.RequestAsync("a\u001b[0m"u8.ToArray(), Stop)));
        Assert.Equal("""
            > 00000000  05 61 1b 5b 30 6d                                 .a.[0m
            < 00000000  15 74 77 65 6e 74 79 2d  6f 6e 65 20 63 68 61 72  .twenty-one char
            < 00000010  61 63 74 65 72 73                                 acters

            """.ReplaceLineEndings("\n"), dump.ToString());
    }

    [Fact]
    public async Task Long_pieces_are_cut_and_counted()
    {
        var dump = new StringWriter();
        await using var stream = new HexDumpStream(Stream.Null, dump, limit: 4);
        await stream.WriteAsync(new byte[100], Stop);
        Assert.Contains("> … 96 more bytes", dump.ToString());
    }
}
