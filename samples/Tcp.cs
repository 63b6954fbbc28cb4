using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>The ways of a TCP connection: bytes, frames, a stream, a failure, a server without a socket.</summary>
public static class Tcp
{
    public static async Task RunAsync(Uri _, TextWriter output, CancellationToken ct)
    {
        await using var server = TCPServer.Start(EchoAsync);
        // sample: first
        await using var tcp = await TCPClient.ConnectAsync("localhost", server.Port, cancellationToken: ct);
        await tcp.SendAsync("Hello"u8.ToArray(), ct);
        ReadOnlyMemory<byte> reply = await tcp.ReceiveAsync(ct);
        await output.WriteLineAsync(Encoding.UTF8.GetString(reply.Span));
        // end
        // sample: failure
        await using var nobody = new TCPClient("127.0.0.1", 9, new TCPClientOptions { Retry = RetryOptions.None });
        try
        {
            await nobody.SendAsync("Hello"u8.ToArray(), ct);
        }
        catch (NetworkException error)
        {
            await output.WriteLineAsync($"{error.Code}, sent: {error.WasSent}, tried {string.Join(", ", error.Attempts.Select(attempt => attempt.Address))}");
        }
        // end
        // sample: memory
        await using var hidden = TCPServer.Start(EchoAsync, new TCPServerOptions { EndPoints = [], Framing = Framing.LengthPrefixed(4) });
        ValueTask<Stream> DialAsync(Endpoint endpoint, CancellationToken cancellationToken)
        {
            var pair = StreamPair.Create();
            hidden.Serve(pair.Server);
            return ValueTask.FromResult(pair.Client);
        }
        await using var near = new TCPClient("hidden.test", 1, new TCPClientOptions
        {
            Framing = Framing.LengthPrefixed(4),
            Transport = TransportOptions.Default with { DialOver = DialAsync },
        });
        await output.WriteLineAsync(Encoding.UTF8.GetString(await near.RequestAsync("without a socket"u8.ToArray(), ct)));
        // end
    }

    // sample: echo
    private static async Task EchoAsync(TCPConnection connection, CancellationToken stop)
    {
        await foreach (var frame in connection.ReceiveAllAsync(stop))
            await connection.WriteAsync(frame, stop);
    }
    // end
}
