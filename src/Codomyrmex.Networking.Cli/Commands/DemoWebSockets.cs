using System.Security.Cryptography;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about WebSockets.</summary>
internal static class DemoWebSockets
{
    private const int StreamBytes = 4 * 1024 * 1024;

    public static DemoStep[] Steps(Lab lab) =>
    [
        new("WebSocket", "send JSON, read the echo", ct => EchoAsync(lab, ct)),
        new("WebSocket", "measure the round trip", ct => PingAsync(lab, ct)),
        new("WebSocket", "stream a message in fragments", ct => StreamAsync(lab, ct)),
        new("WebSocket", "compress messages", CompressAsync),
        new("WebSocket", "close with a code and a reason", CloseAsync),
        new("WebSocket", "refuse a frame that breaks the protocol", RefuseAsync),
        new("WebSocket", "subscribe again after a loss", ReconnectAsync),
    ];

    private static async Task<string> EchoAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var socket = await WebSocketClient.ConnectAsync(lab.WebSocketEcho.AbsoluteUri, null, cancellationToken);
        await socket.SendAsync("""{"action":"subscribe","channel":"updates"}""", cancellationToken);
        var message = await socket.ReceiveAsync(cancellationToken) ?? throw new DemoFailure("the server closed instead");
        var channel = message.Json(DocumentJson.Default.JsonElement).GetProperty("channel").GetString();
        DemoFailure.Unless(channel == "updates", "another message came back");
        return $"{message.Length} bytes of {message.Kind}, channel {channel}";
    }

    private static async Task<string> PingAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var socket = await WebSocketClient.ConnectAsync(lab.WebSocketEcho.AbsoluteUri, null, cancellationToken);
        return $"a ping took {Milliseconds.Text(await socket.PingAsync(cancellationToken))}";
    }

    private static async Task<string> StreamAsync(Lab lab, CancellationToken cancellationToken)
    {
        var bytes = RandomNumberGenerator.GetBytes(StreamBytes);
        await using var socket = await WebSocketClient.ConnectAsync(lab.WebSocketEcho.AbsoluteUri, null, cancellationToken);
        var receiving = HashAsync(socket, cancellationToken);
        await using (var message = await socket.OpenMessageAsync(WebSocketMessageKind.Binary, cancellationToken))
        {
            await message.WriteAsync(bytes, cancellationToken);
            await message.CompleteAsync(cancellationToken);
        }
        var digest = await receiving;
        DemoFailure.Unless(digest == Convert.ToHexStringLower(SHA256.HashData(bytes)), "other bytes came back");
        return $"{StreamBytes / 1024 / 1024} MiB there and back, sha256 {digest[..16]}…, never whole in memory on the way back";
    }

    private static async Task<string> HashAsync(WebSocketClient socket, CancellationToken cancellationToken)
    {
        await using var echo = await socket.ReceiveStreamAsync(cancellationToken) ?? throw new DemoFailure("the server closed instead");
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(echo, cancellationToken));
    }

    private static async Task<string> CompressAsync(CancellationToken cancellationToken)
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions { Compression = new WebSocketServerCompression() });
        await using var socket = await WebSocketClient.ConnectAsync(server.Url.AbsoluteUri, new WebSocketOptions { Compression = WebSocketCompression.Default }, cancellationToken);
        var text = string.Concat(Enumerable.Repeat("""{"symbol":"CDMX","price":101.25},""", 1000));
        await socket.SendAsync(text, cancellationToken);
        var echo = await socket.ReceiveAsync(cancellationToken);
        DemoFailure.Unless(echo?.Text == text, "another message came back");
        return $"{text.Length} bytes of JSON in a frame of {server.Connections[0].Frames[0].Length}";
    }

    private static async Task<string> CloseAsync(CancellationToken cancellationToken)
    {
        await using var server = WebSocketServer.Start();
        await using var socket = await WebSocketClient.ConnectAsync(server.Url.AbsoluteUri, null, cancellationToken);
        await socket.CloseAsync(WebSocketCloseCode.GoingAway, "that is all", cancellationToken);
        var seen = server.Connections[0];
        DemoFailure.Unless(seen.CloseCode == 1001 && socket.Closed is { IsClean: true }, $"the server saw the code {seen.CloseCode}");
        return $"the server saw {seen.CloseCode}: {seen.CloseReason}";
    }

    private static async Task<string> RefuseAsync(CancellationToken cancellationToken)
    {
        // The frame's opcode is one that RFC 6455 reserves.
        await using var server = WebSocketServer.Start().Inject(WebSocketFault.Send(new byte[] { 0x83, 0x00 }));
        await using var socket = await WebSocketClient.ConnectAsync(server.Url.AbsoluteUri, null, cancellationToken);
        return DemoTrouble.Told(await DemoFailure.CatchAsync<WebSocketException>(socket.ReceiveAsync(cancellationToken).AsTask(), ErrorCodes.WsProtocol));
    }

    private static async Task<string> ReconnectAsync(CancellationToken cancellationToken)
    {
        await using var server = WebSocketServer.Start(CountAsync).Inject(WebSocketFault.Reset() with { AfterSent = 4, Connection = 1 });
        var (next, gaps) = (1, new List<string>());
        await using var socket = await WebSocketClient.ConnectAsync(server.Url.AbsoluteUri, new WebSocketOptions
        {
            Reconnect = WebSocketReconnect.Default with { Delay = TimeSpan.FromMilliseconds(10) },
            OnConnected = async (connection, ct) =>
            {
                if (connection.Gap is { } gap)
                    gaps.Add(gap.Cause?.Code ?? "a clean close");
                await connection.SendAsync($"from {next}", ct);
            },
        }, cancellationToken);
        while (next <= 10 && await socket.ReceiveAsync(cancellationToken) is { } message)
        {
            DemoFailure.Unless(message.Text == $"{next}", $"{message.Text} came instead of {next}");
            next++;
        }
        DemoFailure.Unless(gaps.Count == 1, $"{gaps.Count} losses instead of 1");
        return $"1 to 10, each once and in order, over {server.Connections.Count} connections; the loss was {gaps[0]}";
    }

    /// <summary>Counts from the number that the client asks for.</summary>
    private static async Task CountAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        var asked = await connection.ReceiveAsync(cancellationToken);
        for (var number = int.Parse(asked!.Text["from ".Length..], System.Globalization.CultureInfo.InvariantCulture); number <= 10; number++)
            await connection.SendTextAsync($"{number}", cancellationToken);
        await connection.ReceiveAsync(cancellationToken);
    }
}
