using System.Net;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Soak;

/// <summary>What nobody should write, and somebody does: handlers that hold their thread until something arrives at another connection.</summary>
internal static class BlockingServer
{
    public static async Task<int> RunAsync(int port)
    {
        using var go = new ManualResetEventSlim();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                if (frame.Span.SequenceEqual("block"u8))
                    go.Wait(ct);
                else if (frame.Span.SequenceEqual("go"u8))
                    go.Set();
                await connection.SendAsync(frame, ct);
            }
        }, new TCPServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, port)], Framing = Framing.Lines });
        await Console.In.ReadLineAsync();
        return 0;
    }
}
