using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>Sends a message the way the server does by itself: compressed where that was agreed on.</summary>
internal sealed record SendMessage(bool IsText, ReadOnlyMemory<byte> Bytes) : IStep
{
    public Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken) =>
        connection.SendAsync(new WebSocketServerMessage(IsText, Bytes, 1, false), cancellationToken);
}
