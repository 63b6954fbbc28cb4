using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>The next frame is a close frame with one of these codes, 1005 for none, and nothing follows before the end.</summary>
internal sealed record SeesClose(params IReadOnlyList<int> Codes) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        var frame = await Seen.FrameAsync(connection, cancellationToken);
        var code = frame.Length == 0 ? 1005 : (frame.Payload.Span[0] << 8) | frame.Payload.Span[1];
        Assert.True(frame.Opcode == WebSocketOpcode.Close && Codes.Contains(code), $"A close frame with {string.Join(" or ", Codes)} did not come, but {frame} {(frame.Opcode == WebSocketOpcode.Close ? code : null)}");
        await new SeesEnd(AfterServer: true).PlayAsync(connection, cancellationToken);
    }
}
