using System.Globalization;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>How long a response asks to wait: <c>Retry-After</c> in seconds or as a date (RFC 9110, section 10.2.3), or more precisely <c>retry-after-ms</c> or <c>x-ms-retry-after-ms</c>.</summary>
internal static class RetryAfter
{
    public static TimeSpan? Of(HttpResponseMessage message, TimeProvider clock)
    {
        var headers = message.Headers.NonValidated;
        if ((headers.TryGetValues("retry-after-ms", out var ms) || headers.TryGetValues("x-ms-retry-after-ms", out ms)) && Parse(ms.ToString(), 1, clock) is { } precise)
            return precise;
        return headers.TryGetValues("Retry-After", out var seconds) ? Parse(seconds.ToString(), 1000, clock) : null;
    }

    internal static TimeSpan? Parse(string value, int unit, TimeProvider clock)
    {
        value = value.Trim();
        if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= 0 && double.IsFinite(number))
            return TimeSpan.FromMilliseconds(Math.Min(number * unit, TimeSpan.FromDays(365).TotalMilliseconds));
        if (HttpDate.Parse(value) is not { } date)
            return null;
        var wait = date - clock.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
