using System.Globalization;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>The numbers and times in fields about limits, in every spelling that servers use. Bounded: a count by 10^15, a time by a year.</summary>
internal static class RateLimitValues
{
    private const long MostCount = 1_000_000_000_000_000;
    private const int LongestCount = 15;

    // Nobody's window is thirty years long: from here on a number is a date.
    private const double EpochSeconds = 1e9;
    private const double EpochMilliseconds = 1e12;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>A number at the beginning of a value; a fraction, and what follows a comma or semicolon, is dropped.</summary>
    public static long? Count(ReadOnlySpan<char> value)
    {
        value = value.Trim();
        var length = Digits(value, out var number);
        return length == 0 || (length < value.Length && value[length] is not ('.' or ',' or ';' or ' ')) ? null : number;
    }

    /// <summary>How many digits a text begins with, and what they make, up to the greatest count.</summary>
    private static int Digits(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        var length = 0;
        for (; length < text.Length && char.IsAsciiDigit(text[length]); length++)
        {
            if (length < LongestCount)
                number = (number * 10) + text[length] - '0';
        }
        if (length > LongestCount)
            number = MostCount;
        return length;
    }

    // Most numbers are whole, and short.
    private static bool TryNumber(ReadOnlySpan<char> text, out double number)
    {
        if (Digits(text, out var whole) == text.Length && text.Length is > 0 and <= LongestCount)
        {
            number = whole;
            return true;
        }
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The <c>w</c> of a value such as <c>10, 10;w=1</c>, which came before <c>RateLimit-Policy</c>.</summary>
    public static TimeSpan? WindowOf(ReadOnlySpan<char> value)
    {
        var at = value.IndexOf(";w=", StringComparison.OrdinalIgnoreCase);
        return at >= 0 && Count(value[(at + 3)..]) is { } seconds ? Seconds(seconds) : null;
    }

    public static TimeSpan Seconds(double seconds) => seconds >= Longest.TotalSeconds ? Longest : TimeSpan.FromSeconds(seconds);

    /// <summary>
    /// How long until a reset: seconds, a date in seconds or milliseconds since 1970, a duration (<c>6m0s</c>, <c>120ms</c>), a date by RFC 3339 or
    /// RFC 9110. Never negative.
    /// </summary>
    public static TimeSpan? Wait(ReadOnlySpan<char> value, DateTimeOffset now, string? serverDate)
    {
        value = value.Trim();
        if (value.Length is 0 or > 64)
            return null;
        if (!char.IsAsciiLetter(value[^1]) && TryNumber(value, out var number) && double.IsFinite(number))
        {
            if (number < EpochSeconds)
                return Seconds(number);
            var seconds = number >= EpochMilliseconds ? number / 1000 : number;
            return Until(DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(Math.Min(seconds, 1e11)), now, serverDate);
        }
        if (value.Length > 10 && value[4] == '-')
            return DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? Until(date, now, serverDate) : null;
        return Duration(value) ?? (HttpDate.Parse(value.ToString()) is { } day ? Until(day, now, serverDate) : null);
    }

    // Against the server's own clock, where it shows it: clocks differ.
    private static TimeSpan Until(DateTimeOffset date, DateTimeOffset now, string? serverDate)
    {
        var wait = date - (HttpDate.Parse(serverDate) ?? now);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
    }

    // As Go prints them, and so most of the services that send them: "1h2m3.5s".
    private static TimeSpan? Duration(ReadOnlySpan<char> text)
    {
        var seconds = 0.0;
        while (!text.IsEmpty)
        {
            var length = text.IndexOfAnyExcept("0123456789.");
            if (length <= 0 || !TryNumber(text[..length], out var number))
                return null;
            text = text[length..];
            var end = text.IndexOfAnyInRange('0', '9');
            var unit = end < 0 ? text : text[..end];
            double? factor = unit switch { "d" => 86400, "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => null };
            if (factor is null)
                return null;
            seconds += number * factor.Value;
            text = text[unit.Length..];
        }
        return Seconds(seconds);
    }
}
