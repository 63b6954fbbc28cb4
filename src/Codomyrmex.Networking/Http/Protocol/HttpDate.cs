using System.Globalization;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>The date forms of HTTP (RFC 9110, section 5.6.7).</summary>
internal static class HttpDate
{
    private static readonly string[] Forms = ["r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    public static DateTimeOffset? Parse(string? text) => text is not null && DateTimeOffset.TryParseExact(
        text.Trim(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite, out var date)
        ? date
        : null;
}
