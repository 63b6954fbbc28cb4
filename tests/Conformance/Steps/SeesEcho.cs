using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>The next message is this one, compressed or not; what was agreed on is checked by the server.</summary>
internal sealed record SeesEcho(bool IsText, ReadOnlyMemory<byte> Bytes) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        var message = await connection.ReceiveAsync(cancellationToken);
        Assert.True(message is not null, connection.Violation ?? $"The client ended or closed with {connection.CloseCode}.");
        Assert.True(message.IsText == IsText && message.Bytes.Span.SequenceEqual(Bytes.Span), "The message came back changed.");
    }
}
