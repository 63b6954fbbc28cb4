using System.Text;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>A conversation written down, and played again without its peer.</summary>
public static class Tape
{
    public static async Task RunAsync(Uri _, TextWriter output, CancellationToken ct)
    {
        // sample: tape
        var tape = WireTape.Parse("""
            # wire tape 1
            > PING\r\n
            < +PONG\r\n
            """);
        await using var client = new TCPClient("redis.test", 6379, new TCPClientOptions
        {
            Framing = Framing.CrLfLines,
            Transport = TransportOptions.Default with { DialOver = (_, _) => ValueTask.FromResult(tape.Play()) },
        });
        var answer = await client.RequestAsync("PING"u8.ToArray(), ct);
        await output.WriteLineAsync(Encoding.UTF8.GetString(answer));
        // end
    }
}
