namespace Codomyrmex.Networking;

/// <summary>
/// What a response says about the server's limits: <c>RateLimit</c> and <c>RateLimit-Policy</c> (draft-ietf-httpapi-ratelimit-headers), the older
/// <c>RateLimit-*</c> and <c>X-RateLimit-*</c>, those of model services, <c>Retry-After</c> and <c>x-should-retry</c>. Immutable.
/// </summary>
/// <remarks>The values are the server's claims: bounded when they are read (at most 16 quotas, times within a year), believed no further.</remarks>
public sealed record RateLimitInfo
{
    /// <summary>The quotas, in the order of the fields. Empty by default.</summary>
    public IReadOnlyList<RateLimitQuota> Quotas { get; init; } = [];

    /// <summary>How long the server asks to wait; null by default.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the server says that a repeat makes sense (<c>x-should-retry</c>); null by default: it does not say.</summary>
    public bool? ShouldRetry { get; init; }
}
