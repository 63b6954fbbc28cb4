using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>The next frame is this control frame.</summary>
internal sealed record SeesFrame(WebSocketOpcode Opcode, ReadOnlyMemory<byte> Payload) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        var frame = await Seen.FrameAsync(connection, cancellationToken);
        Assert.True(frame.Opcode == Opcode && frame.Payload.Span.SequenceEqual(Payload.Span), $"{Opcode} of {Payload.Length} bytes did not come, but {frame}");
    }
}
