namespace Codomyrmex.Networking.Rpc;

/// <summary>What one call has in another way than its connection. Immutable.</summary>
public sealed record RpcCallOptions
{
    /// <summary>The defaults.</summary>
    public static RpcCallOptions Default { get; } = new();

    /// <summary>
    /// By when the answer must be there, all items of a stream included. What is left of it goes out with the call, and the peer's method ends when it has passed. The
    /// default value is <see cref="Deadline.None"/>: <see cref="RpcOptions.CallTimeout"/> alone counts, which the peer is told as well.
    /// </summary>
    public Deadline Deadline { get; init; }
}
