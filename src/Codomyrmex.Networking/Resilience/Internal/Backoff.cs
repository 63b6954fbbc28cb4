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
}
