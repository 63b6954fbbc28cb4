namespace Codomyrmex.Networking.Resilience;

/// <summary>
/// How much a client asks of one host: a rate, a number of requests at a time, and what the host itself says it allows. Each host has its own count,
/// shared by all callers of the client and of those derived from it. Immutable.
/// </summary>
/// <remarks>
/// A caller for whom there is no room waits: the higher <c>RequestOptions.Priority</c> first, first come first served within one. It fails with a
/// <see cref="RateLimitException"/> (<c>rate.limited</c>, nothing sent) as soon as it is clear that <see cref="MaxWait"/> or its deadline would come first.
/// </remarks>
public sealed record HostLimitOptions
{
    /// <summary>The defaults: only what the host itself says holds.</summary>
    public static HostLimitOptions Default { get; } = new();

    /// <summary>Requests a second, in the long run. The default value is null: no limit of our own.</summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>Requests that may follow each other at once after a quiet time. The default value is 1.</summary>
    public int Burst { get; init; } = 1;

    /// <summary>
    /// Requests under way at a time, each until its body has been read or let go of (a bulkhead). The default value is null: no limit. A streamed response
    /// that is not disposed keeps its place.
    /// </summary>
    public int? Concurrency { get; init; }

    /// <summary>
    /// Whether to keep to what the host says: <c>Retry-After</c> of a 429 or 503 holds all callers back, and a quota of requests or tokens that is used
    /// up (<c>RateLimit</c>, <c>X-RateLimit-*</c>, model services) until it resets, a day at most. The default value is true.
    /// </summary>
    public bool FollowsServer { get; init; } = true;

    /// <summary>The longest wait for room; zero fails at once. The default value is 30 seconds.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Callers that may wait for one host; one more fails at once with <c>rate.queue_full</c>. The default value is 1000.</summary>
    public int QueueLength { get; init; } = 1000;

    /// <summary>
    /// What counts as one host: gives the same text for URLs that share their limits. Must be fast and thread-safe. The default value is null: host and port.
    /// </summary>
    public Func<Uri, string>? Key { get; init; }

    /// <summary>
    /// Where processes and machines count together. It is asked after the client's own count, which so remains the limit of each process where the shared
    /// one lets calls pass. The default value is null: every process for itself.
    /// </summary>
    public ISharedLimiter? Shared { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        if (RequestsPerSecond is { } rate && !(rate is >= 1e-6 and <= 1e9))
            throw new ArgumentOutOfRangeException("HostLimitOptions.RequestsPerSecond", rate, "HostLimitOptions.RequestsPerSecond must lie between 0.000001 and 1,000,000,000.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Burst, 1, "HostLimitOptions.Burst");
        ArgumentOutOfRangeException.ThrowIfLessThan(Concurrency ?? 1, 1, "HostLimitOptions.Concurrency");
        ArgumentOutOfRangeException.ThrowIfNegative(QueueLength, "HostLimitOptions.QueueLength");
        if (MaxWait == Timeout.InfiniteTimeSpan)
            return;
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWait, TimeSpan.Zero, "HostLimitOptions.MaxWait");
        // A timer waits no longer.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxWait, TimeSpan.FromDays(49), "HostLimitOptions.MaxWait");
    }
}
