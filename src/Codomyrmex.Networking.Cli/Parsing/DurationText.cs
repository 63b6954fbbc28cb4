using System.Globalization;

namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>Reads <c>500ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>; a bare number is seconds.</summary>
internal static class DurationText
{
    public static TimeSpan Parse(string text)
    {
        var (number, unit) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1),
            _ when text.EndsWith('s') => (text[..^1], 1_000),
            _ when text.EndsWith('m') => (text[..^1], 60_000),
            _ when text.EndsWith('h') => (text[..^1], 3_600_000),
            _ => (text, 1_000),
        };
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            throw new FormatException($"'{text}' is not a duration; write 500ms, 10s or 2m.");
        var milliseconds = value * unit;
        if (milliseconds is <= 0 or > 4_000_000_000)
            throw new FormatException($"'{text}' is out of range; a duration is positive and at most 46 days.");
        return TimeSpan.FromMilliseconds(milliseconds);
    }
}
