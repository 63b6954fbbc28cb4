using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>
/// The words of a command line as a POSIX shell reads them (IEEE 1003.1, section 2.2), with <c>$'…'</c>, which browsers write. Nothing is expanded or run: what a shell
/// would do more than that is refused.
/// </summary>
internal static class ShellWords
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The words.</summary>
    /// <exception cref="FormatException">A quote is open, or the line asks for more than words; the message says where.</exception>
    public static List<string> Split(ReadOnlySpan<char> line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isWord = false;
        for (var i = 0; i < line.Length;)
        {
            var c = line[i];
            if (c is ' ' or '\t' or '\n' or '\r')
            {
                if (isWord)
                    words.Add(word.ToString());
                (isWord, i) = (false, i + 1);
                word.Clear();
                continue;
            }
            if (c == '\\' && LineEnd(line[(i + 1)..]) is > 0 and var end)
            {
                i += 1 + end;
                continue;
            }
            if (c == '#' && !isWord)
                break;
            isWord = true;
            i += c switch
            {
                '\'' => Single(line, i, word),
                '"' => Double(line, i, word),
                '$' when line[i..].StartsWith("$'") => Escaped(line, i, word),
                '\\' when i + 1 < line.Length => Append(word, line[i + 1], 2),
                '|' or '&' or ';' or '<' or '>' or '(' or ')' or '`' or '\\' => throw Refused(c, i),
                '$' when Expands(line[(i + 1)..]) => throw Refused(c, i),
                _ => Append(word, c, 1),
            };
        }
        if (isWord)
            words.Add(word.ToString());
        return words;
    }

    private static int Append(StringBuilder word, char c, int length)
    {
        word.Append(c);
        return length;
    }

    private static int LineEnd(ReadOnlySpan<char> rest) => rest.StartsWith("\r\n") ? 2 : rest.StartsWith("\n") ? 1 : 0;

    private static bool Expands(ReadOnlySpan<char> rest) => !rest.IsEmpty && (char.IsAsciiLetterOrDigit(rest[0]) || rest[0] is '_' or '{' or '(' or '@' or '*' or '#' or '?' or '$' or '!' or '-');

    private static int Single(ReadOnlySpan<char> line, int start, StringBuilder word)
    {
        var length = line[(start + 1)..].IndexOf('\'');
        if (length < 0)
            throw Open(start);
        word.Append(line.Slice(start + 1, length));
        return length + 2;
    }

    private static int Double(ReadOnlySpan<char> line, int start, StringBuilder word)
    {
        for (var i = start + 1; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '"')
                return i + 1 - start;
            if (c == '`' || (c == '$' && Expands(line[(i + 1)..])))
                throw Refused(c, i);
            if (c == '\\' && i + 1 < line.Length)
            {
                if (LineEnd(line[(i + 1)..]) is > 0 and var end)
                {
                    i += end;
                    continue;
                }
                if (line[i + 1] is '"' or '\\' or '$' or '`')
                    c = line[++i];
            }
            word.Append(c);
        }
        throw Open(start);
    }

    /// <summary><c>$'…'</c>: escapes as in C. <c>\xHH</c> is a byte of UTF-8.</summary>
    private static int Escaped(ReadOnlySpan<char> line, int start, StringBuilder word)
    {
        var bytes = new List<byte>();
        for (var i = start + 2; i < line.Length;)
        {
            if (line[i] == '\'')
            {
                word.Append(Text(bytes, start));
                return i + 1 - start;
            }
            if (line[i] != '\\' || i + 1 == line.Length)
            {
                var end = line[i..].IndexOfAny('\'', '\\');
                if (end < 0)
                    break;
                bytes.AddRange(Encoding.UTF8.GetBytes(line.Slice(i, Math.Max(end, 1)).ToString()));
                i += Math.Max(end, 1);
                continue;
            }
            i += 1 + Escape(line[(i + 1)..], bytes, i);
        }
        throw Open(start);
    }

    private static int Escape(ReadOnlySpan<char> rest, List<byte> bytes, int at)
    {
        switch (rest[0])
        {
            case 'x':
                return 1 + Number(rest[1..], 2, NumberStyles.AllowHexSpecifier, at, out var value) + Add(bytes, (byte)value);
            case 'u' or 'U':
                var length = Number(rest[1..], rest[0] == 'u' ? 4 : 8, NumberStyles.AllowHexSpecifier, at, out var code);
                // A pair of surrogates is one character.
                if (char.IsHighSurrogate((char)code) && code <= 0xFFFF && rest[(1 + length)..].StartsWith("\\u"))
                {
                    length += 2 + Number(rest[(3 + length)..], 4, NumberStyles.AllowHexSpecifier, at, out var low);
                    if (low is >= 0xDC00 and <= 0xDFFF)
                        code = char.ConvertToUtf32((char)code, (char)low);
                }
                bytes.AddRange(Encoding.UTF8.GetBytes(Rune.IsValid(code) ? new Rune(code).ToString() : throw new FormatException($"The escape at {at + 1} is no character.")));
                return 1 + length;
            case >= '0' and <= '7':
                var digits = 1;
                while (digits < 3 && digits < rest.Length && rest[digits] is >= '0' and <= '7')
                    digits++;
                return digits + Add(bytes, (byte)Convert.ToInt32(rest[..digits].ToString(), 8));
            default:
                const string Letters = "abefnrtv\\'\"?", Meanings = "\a\b\e\f\n\r\t\v\\'\"?";
                var known = Letters.IndexOf(rest[0], StringComparison.Ordinal);
                return known < 0 ? throw new FormatException($"The escape at {at + 1} is unknown.") : 1 + Add(bytes, (byte)Meanings[known]);
        }
    }

    private static int Add(List<byte> bytes, byte value)
    {
        bytes.Add(value);
        return 0;
    }

    private static int Number(ReadOnlySpan<char> rest, int most, NumberStyles style, int at, out int value)
    {
        var length = 0;
        while (length < most && length < rest.Length && char.IsAsciiHexDigit(rest[length]))
            length++;
        return int.TryParse(rest[..length], style, CultureInfo.InvariantCulture, out value) ? length : throw new FormatException($"The escape at {at + 1} has no number.");
    }

    private static string Text(List<byte> bytes, int start)
    {
        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException($"What is quoted at {start + 1} is no text in UTF-8.");
        }
    }

    private static FormatException Open(int start) => new($"The quote at {start + 1} is not closed.");

    private static FormatException Refused(char c, int at) => new($"The '{c}' at {at + 1} asks a shell for more than words; one command is read, and nothing is run. Quote it if it is meant as text.");
}
