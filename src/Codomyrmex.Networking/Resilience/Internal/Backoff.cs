namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>Decides whether one more attempt may be made, and after how long.</summary>
internal static class Backoff
{
    /// <summary>
    /// The wait before the next attempt, or null: no attempt left, no budget, or the deadline comes first. Full jitter: any time up to
    /// the doubled bound, so that clients that failed together do not come back together.
    /// </summary>
    public static TimeSpan? Next(RetryOptions options, RetryBudget? budget, int attempt, Deadline deadline, TimeSpan? retryAfter)
    {
        if (attempt >= options.Retries || retryAfter > options.RetryAfterCap)
            return null;
        var bound = Math.Min(options.MaxDelay.TotalMilliseconds, options.BaseDelay.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 30)));
        var wait = retryAfter ?? TimeSpan.FromMilliseconds(bound * (options.Jitter?.Invoke() ?? Random.Shared.NextDouble()));
        if (deadline.IsFinite && wait >= deadline.Remaining)
            return null;
        return budget is null || budget.TryWithdraw() ? wait : null;
    }

    /// <summary>
    /// The wait before a stream is connected again. What the server asked for is the least of it: clients that lost the server together come
    /// back over a quarter of that time more.
    /// </summary>
    /// <param name="options">Whose jitter is used.</param>
    /// <param name="delay">The wait where the last connection was of use.</param>
    /// <param name="cap">The longest wait, before what is added at random.</param>
    /// <param name="fruitless">Connections in a row that were of none.</param>
    public static TimeSpan Reconnect(RetryOptions options, TimeSpan delay, TimeSpan cap, int fruitless)
    {
        var bound = Math.Min(cap.TotalMilliseconds, delay.TotalMilliseconds * Math.Pow(2, Math.Min(fruitless, 30)));
        return TimeSpan.FromMilliseconds(bound * (1 + (0.25 * (options.Jitter?.Invoke() ?? Random.Shared.NextDouble()))));
    }
}
