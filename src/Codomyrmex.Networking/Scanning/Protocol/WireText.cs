using System.Text;
using System.Text.Unicode;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>Text and versions out of the bytes of a stranger.</summary>
internal static class WireText
{
    private const int LongestName = 100;

    /// <summary>The text, cut after a number of characters: UTF-8 where it is such, Latin-1 otherwise. Nothing is escaped.</summary>
    public static string Of(ReadOnlySpan<byte> bytes, int max = 256)
    {
        // A cut character at the end does not make the rest another coding.
        var cut = bytes[..Math.Min(bytes.Length, 4 * max)];
        for (var i = 0; i < 3 && cut.Length < bytes.Length && !Utf8.IsValid(cut); i++)
            cut = cut[..^1];
        var text = (Utf8.IsValid(cut) ? Encoding.UTF8 : Encoding.Latin1).GetString(cut);
        if (text.Length <= max)
            return text;
        return char.IsHighSurrogate(text[max - 1]) ? text[..(max - 1)] : text[..max];
    }

    /// <summary>The first line, without its end.</summary>
    public static ReadOnlySpan<byte> Line(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
        return end < 0 ? bytes : bytes[..end];
    }

    /// <summary>A product and its version as they are written in fields and greetings: <c>nginx/1.22.1 (Debian)</c>, <c>OpenSSH_9.2p1</c>, <c>Exim 4.96</c>.</summary>
    public static (string? Product, string? Version) Product(ReadOnlySpan<byte> text)
    {
        text = text.Trim((byte)' ');
        var end = text.IndexOfAny("/_ (;,"u8);
        var name = end < 0 ? text : text[..end];
        if (name.IsEmpty || name.Length > LongestName)
            return (null, null);
        return (Of(name, LongestName), end < 0 ? null : Version(text[(end + 1)..]));
    }

    /// <summary>The version at the start of a text: it begins with a digit, or with a <c>v</c> before one; null where there is none.</summary>
    public static string? Version(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart("/_ (-"u8);
        if (text is [(byte)'v' or (byte)'V', ..])
            text = text[1..];
        var length = 0;
        while (length < text.Length && length < LongestName && (char.IsAsciiLetterOrDigit((char)text[length]) || text[length] is (byte)'.' or (byte)'-' or (byte)'+' or (byte)'~' or (byte)'_'))
            length++;
        return length > 0 && char.IsAsciiDigit((char)text[0]) ? Of(text[..length].TrimEnd(".-"u8), LongestName) : null;
    }

    /// <summary>Where an ASCII word stands, whatever its case; -1 for nowhere.</summary>
    public static int IndexOfIgnoringCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        for (var i = 0; i + word.Length <= text.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(text.Slice(i, word.Length), word))
                return i;
        }
        return -1;
    }
}
