using System.Globalization;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>The <c>Content-Range</c> of a part (RFC 9110, section 14.4), in bytes.</summary>
/// <param name="First">The offset of the first byte.</param>
/// <param name="Last">The offset of the last byte.</param>
/// <param name="Total">The size of the whole, where known.</param>
internal readonly record struct ContentRange(long First, long Last, long? Total)
{
    /// <summary>Reads the field; null where it is not the range of a part that exists.</summary>
    public static ContentRange? Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (!text.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase))
            return null;
        text = text[6..].Trim();
        var (dash, slash) = (text.IndexOf('-'), text.IndexOf('/'));
        if (dash < 0 || slash < dash || Number(text[..dash]) is not { } first || Number(text[(dash + 1)..slash]) is not { } last || last < first)
            return null;
        if (text[(slash + 1)..] is "*")
            return new ContentRange(first, last, null);
        return Number(text[(slash + 1)..]) is { } total && last < total ? new ContentRange(first, last, total) : null;
    }

    private static long? Number(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue ? number : null;
}
