using System.Globalization;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>Text out of HTML: character references undone.</summary>
internal static class HtmlText
{
    /// <summary>Decodes the value of an attribute into a buffer.</summary>
    /// <param name="value">The value, in UTF-8.</param>
    /// <param name="buffer">At least as many characters as the value has bytes.</param>
    /// <returns>The text: in the buffer, or where a reference is out of the ordinary in a string.</returns>
    public static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> value, Span<char> buffer)
    {
        var length = Encoding.UTF8.GetChars(value, buffer);
        var text = buffer[..length];
        var at = text.IndexOf('&');
        if (at < 0)
            return text;
        // "&amp;" is nearly all there is in URLs; it is undone in place.
        var written = at;
        while (at < text.Length)
        {
            if (text[at] == '&' && text[at..].StartsWith("&amp;"))
            {
                text[written++] = '&';
                at += 5;
            }
            else if (text[at] == '&' && at + 1 < text.Length && (text[at + 1] == '#' || HasName(text[(at + 1)..])))
            {
                return WebUtility.HtmlDecode(Encoding.UTF8.GetString(value));
            }
            else
            {
                text[written++] = text[at++];
            }
        }
        return text[..written];
    }

    /// <summary>Text of an element: references undone, blanks and line breaks as one space.</summary>
    public static string Line(ReadOnlySpan<byte> text)
    {
        var decoded = WebUtility.HtmlDecode(Encoding.UTF8.GetString(text));
        var line = new StringBuilder(decoded.Length);
        foreach (var c in decoded)
        {
            if (!char.IsWhiteSpace(c))
                line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
        }
        return line.ToString().TrimEnd(' ');
    }

    /// <summary>A number in an attribute such as <c>0; url=…</c>, or null.</summary>
    public static double? Number(ReadOnlySpan<char> text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : null;

    // "&copy=1" in an attribute is a parameter; "&copy;" is a sign (WHATWG HTML, section 13.2.5.73).
    private static bool HasName(ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            end++;
        return end > 0 && end < text.Length && text[end] == ';';
    }
}
