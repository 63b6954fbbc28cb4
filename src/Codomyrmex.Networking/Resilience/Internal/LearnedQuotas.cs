namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>
/// What a host has said that it still allows. Its figures are always a little old: they may or may not count what is under way, so that is taken off
/// them until it has been answered. The sum errs on the safe side and is exact when nothing is under way. Not thread-safe.
/// </summary>
internal sealed class LearnedQuotas(TimeProvider clock)
{
    private const int Kept = 32;

    // Nobody is held back for longer, whatever a server claims.
    private static readonly TimeSpan LongestHold = TimeSpan.FromDays(1);

    // Seconds are rounded by servers, and answers travel: resets this near to each other are the same one.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1.5);

    private readonly List<Quota> _quotas = [];
    private long _requestsOut;
    private long _tokensOut;

    /// <summary>Whether nothing is under way and nothing holds anybody back.</summary>
    public bool IsIdle(long now) => _requestsOut == 0 && _quotas.TrueForAll(quota => quota.ResetsAt is not { } at || at <= now);

    /// <summary>How long until there is room, as far as time alone makes it; null where an answer under way must come first.</summary>
    /// <param name="requests">Requests that want room, those ahead included.</param>
    /// <param name="tokens">Their tokens.</param>
    /// <param name="now">The time.</param>
    public TimeSpan? Wait(long requests, long tokens, long now)
    {
        if (_quotas.Count > 0)
            Refill(now);
        TimeSpan? wait = TimeSpan.Zero;
        foreach (var quota in _quotas)
        {
            var (wanted, outside) = quota.Unit == RateLimitUnit.Tokens ? (tokens, _tokensOut) : (requests, _requestsOut);
            // What is more than the whole quota would wait for ever: it may try when all of it is there.
            if (wanted == 0 || (quota.ResetsAt is null && outside == 0) || Math.Min(wanted, quota.Limit ?? long.MaxValue) <= quota.Remaining - outside)
                continue;
            if (quota.ResetsAt is not { } resetsAt)
                return null;
            wait = wait is { } so && clock.GetElapsedTime(now, resetsAt) is var until && until > so ? until : wait;
        }
        return wait;
    }

    public void Sent(long tokens)
    {
        _requestsOut++;
        _tokensOut += tokens;
    }

    public void Answered(long tokens)
    {
        _requestsOut--;
        _tokensOut -= tokens;
    }

    public void Learn(ReadOnlySpan<RateLimitQuota> quotas, long now)
    {
        // Windows that are over, and of which the host says no more.
        if (quotas.IsEmpty && _quotas.Count > 0)
            _quotas.RemoveAll(quota => quota.ResetsAt is null);
        if (quotas.IsEmpty)
            return;
        var utc = clock.GetUtcNow();
        foreach (var told in quotas)
        {
            if (told is { Unit: RateLimitUnit.Requests or RateLimitUnit.Tokens, Remaining: { } remaining, ResetsAt: { } at })
                Learn(told, remaining, Later(now, at - utc < LongestHold ? at - utc : LongestHold), now);
        }
    }

    private void Learn(RateLimitQuota told, long remaining, long resetsAt, long now)
    {
        foreach (var quota in _quotas)
        {
            if (quota.Unit != told.Unit || quota.Name != told.Name)
                continue;
            // Within one window what is left only falls: of two figures that may have overtaken each other the lower one is the later.
            var isSame = quota.ResetsAt is { } known && clock.GetElapsedTime(known, resetsAt).Duration() <= Rounding;
            quota.Remaining = isSame ? Math.Min(quota.Remaining, remaining) : remaining;
            quota.Limit = told.Limit ?? quota.Limit;
            quota.ResetsAt = isSame ? Math.Max(quota.ResetsAt!.Value, resetsAt) : resetsAt;
            return;
        }
        if (_quotas.Count < Kept && resetsAt > now)
            _quotas.Add(new Quota(told.Name, told.Unit) { Remaining = remaining, Limit = told.Limit, ResetsAt = resetsAt });
    }

    /// <summary>A window that is over leaves a full one. Where nobody knows how much that is, one request goes to ask.</summary>
    private void Refill(long now)
    {
        foreach (var quota in _quotas)
        {
            if (quota.ResetsAt is { } resetsAt && resetsAt <= now)
                (quota.Remaining, quota.ResetsAt) = (quota.Limit ?? 1, null);
        }
    }

    private long Later(long now, TimeSpan wait) => now + (long)(Math.Max(0, wait.TotalSeconds) * clock.TimestampFrequency);

    private sealed class Quota(string name, RateLimitUnit unit)
    {
        public string Name => name;

        public RateLimitUnit Unit => unit;

        public long Remaining { get; set; }

        public long? Limit { get; set; }

        /// <summary>When the window ends, as a timestamp; null once it has, until the next answer.</summary>
        public long? ResetsAt { get; set; }
    }
}
