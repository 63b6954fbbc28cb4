using System.Buffers;
using System.Globalization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The character sets and small grammars of RFC 9110 and RFC 9112.</summary>
internal static class HttpSyntax
{
    /// <summary>tchar (RFC 9110, section 5.6.2).</summary>
    public static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>What may not stand in a field value: every control but the tab (RFC 9110, section 5.5).</summary>
    public static readonly SearchValues<byte> NotInValue = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127]);

    /// <summary>What may stand in a request target: visible ASCII without the fragment's sign.</summary>
    public static readonly SearchValues<byte> Target =
        SearchValues.Create("!\"$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>What may stand in the value of Host (RFC 3986, section 3.2.2, and a port).</summary>
    public static readonly SearchValues<byte> Host =
        SearchValues.Create("!$%&'()*+,-.0123456789:;=ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~"u8);

    public static bool IsToken(ReadOnlySpan<byte> text) => text.Length > 0 && text.IndexOfAnyExcept(Token) < 0;

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    /// <summary>Whether a comma-separated list holds a token, compared without case.</summary>
    public static bool ListContains(ReadOnlySpan<byte> list, ReadOnlySpan<byte> lowerToken)
    {
        foreach (var range in list.Split((byte)','))
        {
            if (EqualsIgnoreCase(Trim(list[range]), lowerToken))
                return true;
        }
        return false;
    }

    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> other) =>
        System.Text.Ascii.EqualsIgnoreCase(text, other);

    /// <summary>Digits only, and not beyond a long (RFC 9110, section 8.6).</summary>
    public static bool TryLength(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        return text.Length is > 0 and <= 18 && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A chunk's first line without its CRLF: size and well-formed extensions (RFC 9112, section 7.1.1).</summary>
    public static bool TryChunkSize(ReadOnlySpan<byte> line, out long size)
    {
        var digits = line.IndexOfAnyExcept("0123456789ABCDEFabcdef"u8);
        var number = digits < 0 ? line : line[..digits];
        size = 0;
        if (number.Length is 0 or > 15 || !long.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out size))
            return false;
        return digits < 0 || IsChunkExtension(line[digits..]);
    }

    private static bool IsChunkExtension(ReadOnlySpan<byte> rest)
    {
        while (true)
        {
            rest = rest.TrimStart(" \t"u8);
            if (rest.IsEmpty || rest[0] != ';')
                return false;
            rest = rest[1..].TrimStart(" \t"u8);
            if (!SkipToken(ref rest))
                return false;
            var after = rest.TrimStart(" \t"u8);
            if (!after.IsEmpty && after[0] == '=')
            {
                rest = after[1..].TrimStart(" \t"u8);
                if (rest.IsEmpty || !(rest[0] == '"' ? SkipQuoted(ref rest) : SkipToken(ref rest)))
                    return false;
            }
            if (rest.IsEmpty)
                return true;
        }
    }

    private static bool SkipToken(ref ReadOnlySpan<byte> rest)
    {
        var length = rest.IndexOfAnyExcept(Token);
        if (length < 0)
            length = rest.Length;
        rest = rest[length..];
        return length > 0;
    }

    private static bool SkipQuoted(ref ReadOnlySpan<byte> rest)
    {
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return true;
            }
            if (rest[i] == '\\')
                i++;
            if (i < rest.Length && NotInValue.Contains(rest[i]))
                return false;
        }
        return false;
    }
}
