using System.Text;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>
/// The file name of a <c>Content-Disposition</c> (RFC 6266): <c>filename*</c> before <c>filename</c>. As the server wrote it, and so not
/// to be used as a path.
/// </summary>
internal static class ContentDisposition
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string? FileName(ReadOnlySpan<char> field)
    {
        string? plain = null;
        var rest = field;
        // What stands before the first semicolon is the type; a file name counts under any.
        while (Next(ref rest))
        {
            var equals = rest.IndexOfAny('=', ';');
            if (equals < 0)
                break;
            var name = rest[..equals].Trim();
            if (rest[equals] == ';')
            {
                rest = rest[equals..];
                continue;
            }
            rest = Value(rest[(equals + 1)..].TrimStart(), out var value);
            if (name.Equals("filename*", StringComparison.OrdinalIgnoreCase) && Extended(value) is { } extended)
                return extended;
            if (name.Equals("filename", StringComparison.OrdinalIgnoreCase))
                plain ??= FromOctets(value);
        }
        return plain;
    }

    private static bool Next(ref ReadOnlySpan<char> rest)
    {
        var semicolon = rest.IndexOf(';');
        if (semicolon < 0)
            return false;
        rest = rest[(semicolon + 1)..];
        return true;
    }

    /// <summary>A token or a quoted string.</summary>
    private static ReadOnlySpan<char> Value(ReadOnlySpan<char> rest, out string value)
    {
        if (rest.IsEmpty || rest[0] != '"')
        {
            var end = rest.IndexOf(';');
            value = (end < 0 ? rest : rest[..end]).Trim().ToString();
            return end < 0 ? [] : rest[end..];
        }
        var text = new StringBuilder();
        var i = 1;
        for (; i < rest.Length && rest[i] != '"'; i++)
        {
            if (rest[i] == '\\' && i + 1 < rest.Length)
                i++;
            text.Append(rest[i]);
        }
        value = text.ToString();
        return i < rest.Length ? rest[(i + 1)..] : [];
    }

    // RFC 8187, section 3.2: charset, language, percent-encoded octets, with apostrophes between.
    private static string? Extended(string value)
    {
        var parts = value.Split('\'');
        if (parts.Length != 3 || Octets(parts[2]) is not { } octets)
            return null;
        if (parts[0].Equals("UTF-8", StringComparison.OrdinalIgnoreCase))
            return Utf8(octets);
        return parts[0].Equals("ISO-8859-1", StringComparison.OrdinalIgnoreCase) ? Encoding.Latin1.GetString(octets) : null;
    }

    private static byte[]? Octets(string text)
    {
        var octets = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] > '\x7f')
                return null;
            if (text[i] != '%')
            {
                octets.Add((byte)text[i]);
                continue;
            }
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                return null;
            octets.Add(Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }
        return [.. octets];
    }

    /// <summary>Fields arrive as one character a byte; many servers write UTF-8 into them.</summary>
    private static string FromOctets(string value) =>
        value.All(char.IsAscii) || value.Any(c => c > '\xff') ? value : Utf8(Encoding.Latin1.GetBytes(value)) ?? value;

    private static string? Utf8(byte[] octets)
    {
        try
        {
            return StrictUtf8.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
