using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Takes what a message says about limits out of its fields.</summary>
internal static class RateLimitReading
{
    private static readonly RateLimitInfo Nothing = new();

    /// <summary>All of it.</summary>
    public static RateLimitInfo Of(HttpResponseMessage message, TimeProvider clock, DateTimeOffset receivedAt)
    {
        var quotas = Quotas(message, clock, receivedAt);
        var wait = RetryAfter.Of(message, clock);
        var should = ShouldRetry(message);
        return quotas.Count == 0 && wait is null && should is null ? Nothing : new RateLimitInfo { Quotas = quotas, RetryAfter = wait, ShouldRetry = should };
    }

    /// <summary>The quotas alone. Costs next to nothing where there are none.</summary>
    public static IReadOnlyList<RateLimitQuota> Quotas(HttpResponseMessage message, TimeProvider clock, DateTimeOffset? receivedAt = null)
    {
        RateLimitFields? fields = null;
        foreach (var (name, values) in message.Headers.NonValidated)
        {
            if (!RateLimitFields.IsOne(name))
                continue;
            fields ??= new RateLimitFields(receivedAt ?? clock.GetUtcNow(), message.Headers.NonValidated.TryGetValues("Date", out var date) ? date.ToString() : null);
            foreach (var value in values)
                fields.Add(name, value);
        }
        return fields?.Quotas ?? [];
    }

    public static bool? ShouldRetry(HttpResponseMessage message) =>
        message.Headers.NonValidated.TryGetValues("x-should-retry", out var values)
            ? values.ToString().Trim().ToLowerInvariant() switch { "true" => true, "false" => false, _ => null }
            : null;
}
