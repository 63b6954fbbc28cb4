using System.Text;
using System.Text.Unicode;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>Whether a page is in UTF-8 already, as most are, so that its bytes can be read as they are.</summary>
internal static class PageCharset
{
    // How far a browser looks for a meta element.
    private const int MetaWindow = 1024;

    public static bool IsUtf8(string? contentType, ReadOnlySpan<byte> content)
    {
        if (content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || content.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return false;
        if (content.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            return true;
        var at = contentType?.IndexOf("charset=", StringComparison.OrdinalIgnoreCase) ?? -1;
        if (at >= 0)
            return IsName(contentType.AsSpan(at + 8));
        var head = content[..Math.Min(content.Length, MetaWindow)];
        var named = Find(head, "charset="u8);
        if (named >= 0)
        {
            var value = head[(named + 8)..];
            return IsName(Encoding.Latin1.GetString(value[..Math.Min(value.Length, 16)]));
        }
        return Utf8.IsValid(content);
    }

    private static bool IsName(ReadOnlySpan<char> value)
    {
        value = value.TrimStart("\"' ");
        var end = value.IndexOfAny("\"';/> ,");
        var name = end < 0 ? value : value[..end];
        return name.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || name.Equals("utf8", StringComparison.OrdinalIgnoreCase);
    }

    private static int Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        for (var at = 0; at + word.Length <= text.Length; at++)
        {
            var next = text[at..].IndexOfAny((byte)'c', (byte)'C');
            if (next < 0 || (at += next) + word.Length > text.Length)
                return -1;
            if (Ascii.EqualsIgnoreCase(text.Slice(at, word.Length), word))
                return at;
        }
        return -1;
    }
}
