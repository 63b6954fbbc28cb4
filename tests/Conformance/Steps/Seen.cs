using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>The next frame of the client, which must break no rule.</summary>
internal static class Seen
{
    public static async Task<WebSocketServerFrame> FrameAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        var frame = await connection.ReceiveFrameAsync(cancellationToken);
        if (frame is null)
            Assert.Fail(connection.Violation ?? "The client ended.");
        return frame;
    }
}
