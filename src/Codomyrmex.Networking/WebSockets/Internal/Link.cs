namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>A connection of a client, and what follows it: the next one, or the end.</summary>
internal sealed class Link(Connection connection)
{
    private readonly TaskCompletionSource<Link?> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Connection Connection { get; } = connection;

    /// <summary>The connection after this one; null where the conversation is over. Fails with the reason where it ended badly.</summary>
    public Task<Link?> Next => _next.Task;

    public void FollowedBy(Link? next) => _next.TrySetResult(next);

    public void EndedBy(Exception failure)
    {
        _next.TrySetException(failure);
        // Not everybody waits for it.
        _ = _next.Task.Exception;
    }
}
