namespace Codomyrmex.Networking.Resilience;

/// <summary>A count of requests and tokens that several processes keep together. Implementations are thread-safe.</summary>
public interface ISharedLimiter
{
    /// <summary>Takes what a request needs, all of it or nothing.</summary>
    /// <param name="demand">What it needs.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <returns>Zero where it was taken; otherwise how long to wait before asking again.</returns>
    /// <exception cref="RateLimitException">The count cannot be reached, and nothing may pass without it (<c>rate.store_unavailable</c>).</exception>
    ValueTask<TimeSpan> TakeAsync(SharedDemand demand, CancellationToken cancellationToken = default);

    /// <summary>Tells the others what a server said about its limits.</summary>
    /// <param name="report">What it said.</param>
    /// <param name="cancellationToken">Cancels the telling.</param>
    ValueTask ReportAsync(SharedReport report, CancellationToken cancellationToken = default);
}
