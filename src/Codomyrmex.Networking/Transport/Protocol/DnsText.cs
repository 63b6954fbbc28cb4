using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>
/// The text form of bytes in names and strings (RFC 1035, section 5.1): printable ASCII stands for itself, everything else is
/// <c>\DDD</c>, so that what a server sends can neither steer a terminal nor be taken for something else.
/// </summary>
internal static class DnsText
{
    /// <summary>Writes a label; returns the number of characters, at most four a byte.</summary>
    internal static int EscapeLabel(ReadOnlySpan<byte> label, Span<char> text)
    {
        var length = 0;
        foreach (var value in label)
        {
            if (value is <= 0x20 or >= 0x7F)
                length += Decimal(value, text[length..]);
            else
            {
                if (value is (byte)'.' or (byte)'\\')
                    text[length++] = '\\';
                text[length++] = (char)value;
            }
        }
        return length;
    }

    /// <summary>Writes a quoted character string.</summary>
    internal static void AppendQuoted(StringBuilder text, ReadOnlySpan<byte> value)
    {
        text.Append('"');
        AppendEscaped(text, value);
        text.Append('"');
    }

    /// <summary>Writes the inside of a quoted character string.</summary>
    internal static void AppendEscaped(StringBuilder text, ReadOnlySpan<byte> value)
    {
        Span<char> code = stackalloc char[4];
        foreach (var b in value)
        {
            if (b is < 0x20 or >= 0x7F)
            {
                Decimal(b, code);
                text.Append(code);
                continue;
            }
            if (b is (byte)'"' or (byte)'\\')
                text.Append('\\');
            text.Append((char)b);
        }
    }

    private static int Decimal(byte value, Span<char> text)
    {
        text[0] = '\\';
        text[1] = (char)('0' + (value / 100));
        text[2] = (char)('0' + (value / 10 % 10));
        text[3] = (char)('0' + (value % 10));
        return 4;
    }
}
