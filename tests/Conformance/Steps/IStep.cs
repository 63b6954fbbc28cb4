using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>One thing that the server does or sees.</summary>
internal interface IStep
{
    Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken);
}
