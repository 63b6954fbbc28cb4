using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A WebSocket (RFC 6455) that sends back what it gets.</summary>
internal static class LabWebSocket
{
    public static void MapTo(LoopbackServer server) => server.Map("GET", "/ws/echo", EchoAsync);

    private static async Task EchoAsync(LoopbackExchange exchange)
    {
        var key = exchange.Headers["Sec-WebSocket-Key"];
        if (key is null || exchange.Headers["Sec-WebSocket-Version"] != "13"
            || !"websocket".Equals(exchange.Headers["Upgrade"], StringComparison.OrdinalIgnoreCase))
        {
            await exchange.RespondAsync(
                426, "This is a WebSocket endpoint.\n", headers: [new("Upgrade", "websocket"), new("Sec-WebSocket-Version", "13")]).ConfigureAwait(false);
            return;
        }
        var protocol = exchange.Headers["Sec-WebSocket-Protocol"]?.Split(',', StringSplitOptions.TrimEntries)[0];
        List<KeyValuePair<string, string>> headers = [new("Sec-WebSocket-Accept", Accept(key))];
        if (protocol is not null)
            headers.Add(new("Sec-WebSocket-Protocol", protocol));
        var stream = await exchange.UpgradeAsync("websocket", headers, exchange.Aborted).ConfigureAwait(false);
        using var socket = WebSocket.CreateFromStream(stream, isServer: true, protocol, Timeout.InfiniteTimeSpan);
        await EchoAsync(socket, exchange.Aborted).ConfigureAwait(false);
    }

    private static async Task EchoAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[16384];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
                break;
            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, cancellationToken).ConfigureAwait(false);
        }
        await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.Empty, socket.CloseStatusDescription, cancellationToken)
            .ConfigureAwait(false);
    }

#pragma warning disable CA5350 // RFC 6455, section 1.3, prescribes SHA-1; nothing secret rests on it.
    private static string Accept(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
