using System.Text;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Samples;

/// <summary>The first five minutes with WebSockets.</summary>
public static class WebSockets
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        var url = new UriBuilder(server) { Scheme = "ws", Path = "/ws/echo" }.Uri.AbsoluteUri;

        // sample: quickstart
        await using var ws = await WebSocketClient.ConnectAsync(url, cancellationToken: ct);
        await ws.SendAsync(new { action = "subscribe", channel = "updates" }, ct);

        await foreach (var message in ws.WithCancellation(ct))
        {
            await output.WriteLineAsync($"Received: {message}");
            break;
        }
        // end

        // sample: messages
        await ws.SendAsync("text", ct);
        await ws.SendAsync(Encoding.UTF8.GetBytes("bytes"), ct);
        while (await ws.ReceiveAsync(ct) is { } message)
        {
            await output.WriteLineAsync(message.IsText ? $"text: {message.Text}" : $"{message.Bytes.Length} bytes");
            if (!message.IsText)
                break;
        }
        // end

        // sample: streams
        await using (var upload = await ws.OpenMessageAsync(WebSocketMessageKind.Binary, ct))
        {
            for (var i = 0; i < 100; i++)
                await upload.WriteAsync(new byte[10_000], ct);
            await upload.CompleteAsync(ct);
        }
        await using (var download = await ws.ReceiveStreamAsync(ct))
        {
            var (buffer, total) = (new byte[16 * 1024], 0);
            while (await download!.ReadAsync(buffer, ct) is > 0 and var count)
                total += count;
            await output.WriteLineAsync($"{total} bytes, never whole in memory");
        }
        // end

        // sample: close
        await output.WriteLineAsync($"a ping took {await ws.PingAsync(ct)}");
        await ws.CloseAsync(WebSocketCloseCode.NormalClosure, "done", ct);
        await output.WriteLineAsync($"{ws.Closed}");
        // end
    }
}
