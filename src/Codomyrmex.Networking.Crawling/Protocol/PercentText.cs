using System.Buffers;
using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>Percent-encoding in its one spelling (RFC 3986, section 6.2.2): upper case, and only where it says something.</summary>
internal static class PercentText
{
    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~");

    /// <summary>The text with its escapes in one spelling and what is beyond ASCII escaped.</summary>
    /// <param name="text">A path with its query, or a pattern for one.</param>
    /// <param name="escapeWildcards">Whether <c>*</c> and <c>$</c> are escaped too: they are themselves in a path, and signs in a pattern (RFC 9309, section 2.2.3).</param>
    public static string Normalize(ReadOnlySpan<char> text, bool escapeWildcards = false)
    {
        if (!NeedsWork(text, escapeWildcards))
            return text.ToString();
        var normal = new StringBuilder(text.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '%' && TryByte(text[i..], out var value))
            {
                if (value < 0x80 && Unreserved.Contains((char)value))
                    normal.Append((char)value);
                else
                    Escape(normal, value);
                i += 2;
            }
            else if (c is <= ' ' or '\x7f' || (escapeWildcards && c is '*' or '$'))
            {
                Escape(normal, (byte)c);
            }
            else if (c < 0x80)
            {
                normal.Append(c);
            }
            else
            {
                // A half of a pair that stands alone becomes U+FFFD, as everywhere on the web.
                if (Rune.DecodeFromUtf16(text[i..], out var rune, out var length) != OperationStatus.Done)
                    (rune, length) = (Rune.ReplacementChar, 1);
                foreach (var part in bytes[..rune.EncodeToUtf8(bytes)])
                    Escape(normal, part);
                i += length - 1;
            }
        }
        return normal.ToString();
    }

    private static bool NeedsWork(ReadOnlySpan<char> text, bool escapeWildcards)
    {
        foreach (var c in text)
        {
            if (c is '%' or <= ' ' or >= '\x7f' || (escapeWildcards && c is '*' or '$'))
                return true;
        }
        return false;
    }

    private static bool TryByte(ReadOnlySpan<char> text, out byte value)
    {
        value = 0;
        return text.Length >= 3 && char.IsAsciiHexDigit(text[1]) && char.IsAsciiHexDigit(text[2]) &&
            byte.TryParse(text[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static void Escape(StringBuilder text, byte value) => text.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
}
