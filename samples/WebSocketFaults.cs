using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Samples;

/// <summary>A WebSocket server of one's own, well behaved and not.</summary>
public static class WebSocketFaults
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: handler
        await using var prices = WebSocketServer.Start(async (connection, stopping) =>
        {
            var wanted = await connection.ReceiveAsync(stopping);
            for (var price = 100; price < 103; price++)
                await connection.SendTextAsync($"{wanted!.Text} {price}", stopping);
        });
        await using var ws = await WebSocketClient.ConnectAsync(prices.Url.ToString(), cancellationToken: ct);
        await ws.SendAsync("oil", ct);
        await foreach (var message in ws.WithCancellation(ct))
            await output.WriteLineAsync(message.Text);
        // end

        // sample: fault
        await using var echo = WebSocketServer.Start().Inject(WebSocketFault.Reset() with { AfterSent = 1 });
        await using var careful = await WebSocketClient.ConnectAsync(echo.Url.ToString(), cancellationToken: ct);
        await careful.SendAsync("one", ct);
        await output.WriteLineAsync((await careful.ReceiveAsync(ct))!.Value.Text);
        try
        {
            await careful.ReceiveAsync(ct);
        }
        catch (WebSocketException error)
        {
            await output.WriteLineAsync($"{error.Code} after {echo.Connections[0].Frames.Count} frame");
        }
        // end
    }
}
