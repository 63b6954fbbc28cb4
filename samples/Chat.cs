using System.Text;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Samples;

/// <summary>A chat: everybody reads what anybody writes.</summary>
public static class Chat
{
    public static async Task RunAsync(Uri _, TextWriter output, CancellationToken ct)
    {
        // sample: server
        TCPServer chat = null!;
        await using var server = chat = new TCPServer(new TCPServerOptions { Framing = Framing.Lines, Limits = new TCPServerLimits { FrameBytes = 4096 } });
        server.Start(async (speaker, stop) =>
        {
            await speaker.SendAsync("welcome", stop);
            await foreach (var line in speaker.ReceiveAllAsync(stop))
            {
                var said = Encoding.UTF8.GetBytes($"{speaker}: {Encoding.UTF8.GetString(line.Span)}");
                foreach (var listener in chat.Connections.Where(one => one != speaker && one.IsOpen))
                {
                    try
                    {
                        await listener.SendAsync(said, stop);
                    }
                    catch (NetworkException)
                    {
                        // It has just left; its own handler ends with it.
                    }
                }
            }
        });
        // end
        // sample: client
        var options = new TCPClientOptions { Framing = Framing.Lines };
        await using var ada = await TCPClient.ConnectAsync("127.0.0.1", server.Port, options, ct);
        await using var bob = await TCPClient.ConnectAsync("127.0.0.1", server.Port, options, ct);
        await ada.ReceiveAsync(ct);
        await bob.ReceiveAsync(ct);
        await ada.SendAsync("Is anybody here?", ct);
        ReadOnlyMemory<byte> heard = await bob.ReceiveAsync(ct);
        await output.WriteLineAsync(Encoding.UTF8.GetString(heard.Span));
        // end
        await server.StopAsync(TimeSpan.FromSeconds(5), ct);
    }
}
