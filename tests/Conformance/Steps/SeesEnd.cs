using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>The client ends the connection without another frame, by itself or because the server ends its side first.</summary>
internal sealed record SeesEnd(bool AfterServer) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        if (AfterServer)
            await connection.EndAsync();
        try
        {
            var frame = await connection.ReceiveFrameAsync(cancellationToken);
            Assert.True(frame is null && connection.Violation is null, $"The end did not come, but {frame?.ToString() ?? connection.Violation}");
        }
        catch (IOException)
        {
            // Broken off instead of ended, with bytes of ours unread: an end all the same.
        }
    }
}
