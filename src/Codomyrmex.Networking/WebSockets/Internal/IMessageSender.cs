namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Who sends whole messages.</summary>
internal interface IMessageSender
{
    ValueTask SendAsync(WebSocketMessageKind kind, ReadOnlyMemory<byte> payload, bool compress, CancellationToken cancellationToken);
}
