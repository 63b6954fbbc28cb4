using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Takes what a message says about limits out of its fields.</summary>
internal static class RateLimitReading
{
    private static readonly RateLimitInfo Nothing = new();

    // A limiter reads every response, and needs what it read for a moment.
    [ThreadStatic]
    private static RateLimitFields? t_spare;

    /// <summary>All of it.</summary>
    public static RateLimitInfo Of(HttpResponseMessage message, TimeProvider clock, DateTimeOffset receivedAt)
    {
        var fields = Read(message, clock, receivedAt);
        var wait = RetryAfter.Of(message, clock);
        var should = ShouldRetry(message);
        return fields is null && wait is null && should is null
            ? Nothing
            : new RateLimitInfo { Quotas = fields is null ? [] : [.. fields.Quotas], RetryAfter = wait, ShouldRetry = should };
    }

    /// <summary>The quotas alone; null, and next to no work, where there are none. To be given back after use.</summary>
    public static RateLimitFields? Read(HttpResponseMessage message, TimeProvider clock, DateTimeOffset? receivedAt = null)
    {
        RateLimitFields? fields = null;
        foreach (var (name, values) in message.Headers.NonValidated)
        {
            if (!RateLimitFields.IsOne(name, out var rest))
                continue;
            fields ??= Take(receivedAt ?? clock.GetUtcNow(), message.Headers.NonValidated.TryGetValues("Date", out var date) ? date.ToString() : null);
            foreach (var value in values)
                fields.Add(rest, value);
        }
        return fields;
    }

    public static void Return(RateLimitFields? fields) => t_spare = fields ?? t_spare;

    public static bool? ShouldRetry(HttpResponseMessage message) =>
        message.Headers.NonValidated.TryGetValues("x-should-retry", out var values)
            ? values.ToString().Trim().ToLowerInvariant() switch { "true" => true, "false" => false, _ => null }
            : null;

    private static RateLimitFields Take(DateTimeOffset now, string? date)
    {
        if (t_spare is not { } fields)
            return new RateLimitFields(now, date);
        t_spare = null;
        fields.Reset(now, date);
        return fields;
    }
}
