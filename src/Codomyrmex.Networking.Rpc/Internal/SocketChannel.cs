using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Each message is one of a WebSocket.</summary>
internal sealed class SocketChannel(WebSocketClient socket) : IRpcChannel
{
    public RpcPeer Peer { get; } = new() { Endpoint = Endpoint.Of(socket.Url) };

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => socket.SendTextAsync(message, cancellationToken: cancellationToken);

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken) =>
        await socket.ReceiveAsync(cancellationToken).ConfigureAwait(false) is { } message ? message.Bytes : (ReadOnlyMemory<byte>?)null;

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}
