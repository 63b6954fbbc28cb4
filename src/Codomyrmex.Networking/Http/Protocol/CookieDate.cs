using System.Globalization;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>Dates of cookies, which servers write in every way there is (RFC 6265, section 5.1.1).</summary>
internal static class CookieDate
{
    private const string Months = "janfebmaraprmayjunjulaugsepoctnovdec";

    /// <summary>The date, or null where the text is none.</summary>
    public static DateTimeOffset? Parse(ReadOnlySpan<char> text)
    {
        (int Hour, int Minute, int Second)? time = null;
        int? day = null, month = null, year = null;
        while (!text.IsEmpty)
        {
            var start = IndexOf(text, isDelimiter: false);
            if (start < 0)
                break;
            text = text[start..];
            var end = IndexOf(text, isDelimiter: true);
            var token = end < 0 ? text : text[..end];
            text = text[token.Length..];
            if (time is null && Time(token) is { } clock)
                time = clock;
            else if (day is null && Digits(token, 1, 2) is { } number)
                day = number;
            else if (month is null && Month(token) is { } name)
                month = name;
            else if (year is null && Digits(token, 2, 4) is { } count)
                year = count switch { <= 69 => count + 2000, <= 99 => count + 1900, _ => count };
        }
        if (time is not { Hour: <= 23, Minute: <= 59, Second: <= 59 } at || day is not (>= 1 and { } d) || month is not { } m || year is not (>= 1601 and { } y))
            return null;
        return d <= DateTime.DaysInMonth(y, m) ? new DateTimeOffset(y, m, d, at.Hour, at.Minute, at.Second, TimeSpan.Zero) : null;
    }

    private static int IndexOf(ReadOnlySpan<char> text, bool isDelimiter)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (IsDelimiter(text[i]) == isDelimiter)
                return i;
        }
        return -1;
    }

    private static bool IsDelimiter(char c) => c is '\t' or (>= ' ' and <= '/') or (>= ';' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~');

    private static (int Hour, int Minute, int Second)? Time(ReadOnlySpan<char> token)
    {
        var first = token.IndexOf(':');
        if (first < 0)
            return null;
        var second = token[(first + 1)..].IndexOf(':');
        if (second < 0)
            return null;
        var last = token[(first + second + 2)..];
        return Exact(token[..first]) is { } hour && Exact(token.Slice(first + 1, second)) is { } minute && Digits(last, 1, 2) is { } seconds
            ? (hour, minute, seconds)
            : null;
    }

    private static int? Exact(ReadOnlySpan<char> text) =>
        text.Length is 1 or 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A number of so many digits at the beginning; what is no digit may follow.</summary>
    private static int? Digits(ReadOnlySpan<char> token, int least, int most)
    {
        var length = 0;
        while (length < token.Length && char.IsAsciiDigit(token[length]))
            length++;
        return length >= least && length <= most ? int.Parse(token[..length], NumberStyles.None, CultureInfo.InvariantCulture) : null;
    }

    private static int? Month(ReadOnlySpan<char> token)
    {
        if (token.Length < 3)
            return null;
        for (var i = 0; i < 12; i++)
        {
            if (token[..3].Equals(Months.AsSpan(i * 3, 3), StringComparison.OrdinalIgnoreCase))
                return i + 1;
        }
        return null;
    }
}
