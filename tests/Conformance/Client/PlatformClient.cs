using System.Net.WebSockets;

namespace Codomyrmex.Networking.Tests.Conformance.Client;

/// <summary>The platform's client, to try the cases themselves.</summary>
internal sealed class PlatformClient(ClientWebSocket socket) : IConformanceClient
{
    public static async Task<IConformanceClient> ConnectAsync(Uri url, CompressionOffer? compression, int maxMessageBytes, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        if (compression is not null)
        {
            socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions
            {
                ServerContextTakeover = !compression.ServerNoContextTakeover,
                ClientContextTakeover = !compression.ClientNoContextTakeover,
                ServerMaxWindowBits = compression.ServerMaxWindowBits,
                ClientMaxWindowBits = compression.ClientMaxWindowBits,
            };
        }
        await socket.ConnectAsync(url, cancellationToken);
        return new PlatformClient(socket);
    }

    public async Task<ConformanceMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[65536];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.Empty, socket.CloseStatusDescription, cancellationToken);
                return null;
            }
            all.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return new ConformanceMessage(part.MessageType == WebSocketMessageType.Text, all.ToArray());
        }
    }

    public async Task SendAsync(ConformanceMessage message, CancellationToken cancellationToken) =>
        await socket.SendAsync(message.Bytes, message.IsText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, true, cancellationToken);

    public Task CloseAsync(int code, string reason, CancellationToken cancellationToken) =>
        socket.CloseAsync((WebSocketCloseStatus)code, reason, cancellationToken);

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
