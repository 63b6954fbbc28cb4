using System.Net;
using System.Text;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Samples;

/// <summary>A server and a client that speak in datagrams.</summary>
public static class Udp
{
    public static async Task RunAsync(Uri _, TextWriter output, CancellationToken ct)
    {
        // sample: server
        await using var server = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var serving = Task.Run(async () =>
        {
            await foreach (var question in server.WithCancellation(ct))
                await server.SendAsync(question.Data, question.RemoteEndPoint, ct);
        }, ct);
        // end
        // sample: client
        await using var udp = await UDPClient.ConnectAsync("localhost", server.Port, cancellationToken: ct);
        await udp.SendAsync("Hello", ct);
        UDPDatagram datagram = await udp.ReceiveAsync(ct);
        await output.WriteLineAsync($"{Encoding.UTF8.GetString(datagram.Data.Span)} from {datagram.RemoteEndPoint}");
        // end
        // sample: request
        var id = Guid.NewGuid().ToByteArray();
        UDPDatagram reply = await udp.RequestAsync((byte[])[.. id, .. "time?"u8], UDPCorrelations.SameBytes(0, id.Length), cancellationToken: ct);
        await output.WriteLineAsync(Encoding.UTF8.GetString(reply.Data.Span[id.Length..]));
        // end
        await server.DisposeAsync();
        await serving;
    }
}
