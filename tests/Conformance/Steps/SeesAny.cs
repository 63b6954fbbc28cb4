using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>The next frames are these, each a frame of its own, in whatever order.</summary>
internal sealed record SeesAny(params IReadOnlyList<IStep> Steps) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        var missing = Steps.ToList();
        while (missing.Count > 0)
        {
            var frame = await Seen.FrameAsync(connection, cancellationToken);
            var found = missing.Find(step => Is(step, frame));
            Assert.True(found is not null, $"Nobody waits for {frame}");
            missing.Remove(found);
        }
    }

    private static bool Is(IStep step, WebSocketServerFrame frame) => step switch
    {
        SeesFrame sees => frame.Opcode == sees.Opcode && frame.Payload.Span.SequenceEqual(sees.Payload.Span),
        SeesMessage sees => frame.IsFinal && frame.Opcode == (sees.IsText ? WebSocketOpcode.Text : WebSocketOpcode.Binary) && frame.Payload.Span.SequenceEqual(sees.Bytes.Span),
        _ => false,
    };
}
