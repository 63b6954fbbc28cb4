using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>The next frames are this message, whole or in parts, not compressed.</summary>
internal sealed record SeesMessage(bool IsText, ReadOnlyMemory<byte> Bytes) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        var opcode = IsText ? WebSocketOpcode.Text : WebSocketOpcode.Binary;
        var at = 0;
        while (true)
        {
            var frame = await Seen.FrameAsync(connection, cancellationToken);
            Assert.True(frame.Opcode == opcode && frame.Rsv == 0, $"{opcode} did not come, but {frame}");
            Assert.True(at + frame.Length <= Bytes.Length && frame.Payload.Span.SequenceEqual(Bytes.Span.Slice(at, frame.Payload.Length)), $"The message came back changed from byte {at} on: {frame}");
            at += frame.Payload.Length;
            opcode = WebSocketOpcode.Continuation;
            if (frame.IsFinal)
                break;
        }
        Assert.Equal(Bytes.Length, at);
    }
}
