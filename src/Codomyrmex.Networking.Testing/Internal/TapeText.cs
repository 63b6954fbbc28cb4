using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A tape as text, and back.</summary>
internal static class TapeText
{
    private const string Head = "# wire tape 1";
    private const int Width = 100;

    public static string Write(IEnumerable<TapePiece> pieces)
    {
        var text = new StringBuilder(Head).Append('\n');
        foreach (var piece in pieces)
        {
            text.Append(piece.IsSent ? "> " : "< ");
            var length = 0;
            for (var i = 0; i < piece.Bytes.Length; i++)
            {
                var value = piece.Bytes[i];
                var isLast = i + 1 == piece.Bytes.Length;
                var isFull = value == '\n' || length >= Width;
                // A space at the end of a line would not survive every editor.
                var shown = value == ' ' && (isLast || isFull || piece.Bytes[i + 1] == ' ') ? "\\x20" : Show(value);
                text.Append(shown);
                length += shown.Length;
                if (!isFull || isLast)
                    continue;
                text.Append("\n  ");
                length = 0;
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    public static List<TapePiece> Read(string text)
    {
        var lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        if (lines[0].TrimEnd() != Head)
            throw new FormatException($"Line 1 of the tape is not '{Head}'.");
        var pieces = new List<(bool IsSent, List<byte> Bytes)>();
        for (var i = 1; i < lines.Length; i++)
        {
            var line = lines[i];
            var mark = line.Length > 0 ? line[0] : '\0';
            if (mark is '>' or '<')
                pieces.Add((mark == '>', []));
            else if (mark != ' ' || pieces.Count == 0)
                throw Wrong(i, "begins with none of '> ', '< ' and two spaces");
            if (line.Length > 1 && line[1] != ' ')
                throw Wrong(i, "has no space behind its mark");
            ReadBytes(line.AsSpan(Math.Min(2, line.Length)), pieces[^1].Bytes, i);
        }
        return [.. pieces.Select(static piece => new TapePiece(piece.IsSent, [.. piece.Bytes]))];
    }

    private static string Show(byte value) => value switch
    {
        (byte)'\n' => "\\n",
        (byte)'\r' => "\\r",
        (byte)'\t' => "\\t",
        (byte)'\\' => "\\\\",
        >= 0x20 and < 0x7F => ((char)value).ToString(),
        _ => $"\\x{value:X2}",
    };

    private static void ReadBytes(ReadOnlySpan<char> text, List<byte> bytes, int line)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is < ' ' or > '~')
                throw Wrong(line, "has a character that is no printable ASCII");
            if (text[i] != '\\')
            {
                bytes.Add((byte)text[i]);
                continue;
            }
            i++;
            switch (i < text.Length ? text[i] : '\0')
            {
                case 'n':
                    bytes.Add((byte)'\n');
                    break;
                case 'r':
                    bytes.Add((byte)'\r');
                    break;
                case 't':
                    bytes.Add((byte)'\t');
                    break;
                case '\\':
                    bytes.Add((byte)'\\');
                    break;
                case 'x' when i + 2 < text.Length && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value):
                    bytes.Add(value);
                    i += 2;
                    break;
                default:
                    throw Wrong(line, "has a backslash with neither n, r, t, x and two digits, nor another behind it");
            }
        }
    }

    private static FormatException Wrong(int line, string what) => new($"Line {line + 1} of the tape {what}.");
}
