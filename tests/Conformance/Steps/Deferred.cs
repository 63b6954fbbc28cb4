using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>Steps over bytes so many that they are made only when they are played.</summary>
internal sealed record Deferred(Func<IReadOnlyList<IStep>> Make) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        foreach (var step in Make())
            await step.PlayAsync(connection, cancellationToken);
    }
}
