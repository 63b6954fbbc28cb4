using System.Globalization;

namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>Reads whole numbers within bounds, and sizes with a unit.</summary>
internal static class NumberText
{
    public static int Parse(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"'{text}' is not a whole number from {least} to {most}.");

    /// <summary>Bytes: <c>1000</c>, <c>64k</c>, <c>10M</c>, <c>2G</c>; a unit is a power of 1,024.</summary>
    public static long Size(string text)
    {
        var shift = text.Length == 0 ? 0 : text[^1] switch { 'k' or 'K' => 10, 'm' or 'M' => 20, 'g' or 'G' => 30, _ => 0 };
        var digits = shift == 0 ? text : text[..^1];
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue >> shift)
            throw new FormatException($"'{text}' is not a size; write bytes, or a number with k, M or G.");
        return number << shift;
    }
}
