using System.IO.Pipes;
using System.Text;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>Frames over a named pipe: for programs of one user on one machine, on Windows too.</summary>
public static class NamedPipes
{
    public static async Task RunAsync(Uri _, TextWriter output, CancellationToken ct)
    {
        var name = $"sample-{Guid.NewGuid():N}";
        // sample: server
        await using var server = TCPServer.Start(EchoAsync, new TCPServerOptions { EndPoints = [], Framing = Framing.Lines });
        async Task AcceptAsync(CancellationToken stop)
        {
            while (true)
            {
                var pipe = new NamedPipeServerStream(name, PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances,
                    PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
                await using var closing = stop.Register(pipe.Dispose);
                await pipe.WaitForConnectionAsync(stop);
                server.Serve(pipe);
            }
        }
        // end
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var accepting = AcceptAsync(enough.Token);
        // sample: client
        async ValueTask<Stream> DialAsync(Endpoint endpoint, CancellationToken stop)
        {
            var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
            await pipe.ConnectAsync(stop);
            return pipe;
        }
        await using var client = new TCPClient(name, 1, new TCPClientOptions
        {
            Framing = Framing.Lines,
            Transport = TransportOptions.Default with { DialOver = DialAsync },
        });
        await output.WriteLineAsync(Encoding.UTF8.GetString(await client.RequestAsync("through a pipe"u8.ToArray(), ct)));
        // end
        await enough.CancelAsync();
        await ((Task)accepting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task EchoAsync(TCPConnection connection, CancellationToken stop)
    {
        await foreach (var frame in connection.ReceiveAllAsync(stop))
            await connection.SendAsync(frame, stop);
    }
}
