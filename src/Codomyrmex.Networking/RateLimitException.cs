namespace Codomyrmex.Networking;

/// <summary>
/// The server asked to wait longer than the caller allows (429 or 503 with <c>Retry-After</c>), or a limiter or circuit breaker of ours refused before
/// anything was sent. It is not retried: the caller decides whether to come back at <see cref="RetryAt"/>.
/// </summary>
public sealed class RateLimitException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public RateLimitException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }

    /// <summary>The time from which a new try makes sense, where known.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}
