using System.Net;
using System.Text;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Samples;

/// <summary>A proxy for a protocol of lines: it looks at every command, and lets some through.</summary>
public static class LineProxy
{
    private static readonly TCPClientOptions Lines = new() { Framing = Framing.Lines };

    public static async Task RunAsync(Uri _, TextWriter output, CancellationToken ct)
    {
        await using var store = TCPServer.Start(async (connection, stop) =>
        {
            await foreach (var command in connection.ReceiveAllAsync(stop))
                await connection.WriteAsync(Encoding.UTF8.GetBytes($"done: {Encoding.UTF8.GetString(command.Span)}"), stop);
        }, new TCPServerOptions { Framing = Framing.Lines });

        // sample: proxy
        await using var proxy = TCPServer.Start(async (connection, stop) =>
        {
            await using var upstream = await TCPClient.ConnectAsync("127.0.0.1", store.Port, Lines, stop);
            await foreach (var command in connection.ReceiveAllAsync(stop))
            {
                if (command.Span.StartsWith("DELETE"u8))
                    await connection.SendAsync("refused: this proxy only reads", stop);
                else
                    await connection.SendAsync(await upstream.RequestAsync(command, stop), stop);
            }
        }, new TCPServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            Framing = Framing.Lines,
            Allow = [IPNetwork.Parse("127.0.0.0/8")],
        });
        // end

        await using var client = new TCPClient("127.0.0.1", proxy.Port, Lines);
        foreach (var command in (string[])["GET colour", "DELETE colour"])
            await output.WriteLineAsync(Encoding.UTF8.GetString(await client.RequestAsync(Encoding.UTF8.GetBytes(command), ct)));
    }
}
