using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Conformance.Client;

/// <summary>Our client.</summary>
internal sealed class LibraryClient(WebSocketClient socket) : IConformanceClient
{
    public static async Task<IConformanceClient> ConnectAsync(Uri url, CompressionOffer? compression, int maxMessageBytes, CancellationToken cancellationToken)
    {
        var options = new WebSocketOptions
        {
            Limits = WebSocketLimits.Default with { MessageBytes = maxMessageBytes, FrameBytes = maxMessageBytes, Fragments = 1 << 20 },
            Compression = compression is null ? null : WebSocketCompression.Default with
            {
                MinimumBytes = 0,
                ServerKeepsContext = !compression.ServerNoContextTakeover,
                ClientKeepsContext = !compression.ClientNoContextTakeover,
            },
        };
        return new LibraryClient(await WebSocketClient.ConnectAsync(url.ToString(), options, cancellationToken));
    }

    public async Task<ConformanceMessage?> ReceiveAsync(CancellationToken cancellationToken) =>
        await socket.ReceiveAsync(cancellationToken) is { } message ? new ConformanceMessage(message.IsText, message.Bytes) : null;

    public async Task SendAsync(ConformanceMessage message, CancellationToken cancellationToken)
    {
        if (message.IsText)
            await socket.SendTextAsync(message.Bytes, cancellationToken: cancellationToken);
        else
            await socket.SendBinaryAsync(message.Bytes, cancellationToken: cancellationToken);
    }

    public Task CloseAsync(int code, string reason, CancellationToken cancellationToken) => socket.CloseAsync((WebSocketCloseCode)code, reason, cancellationToken);

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}
