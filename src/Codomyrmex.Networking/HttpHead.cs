using System.Buffers;
using System.Text;

namespace Codomyrmex.Networking;

/// <summary>The head of an HTTP/1.1 answer (RFC 9112, sections 4 and 5), read strictly: for the protocols that begin with one.</summary>
/// <param name="Status">The status, 100 to 599.</param>
/// <param name="Reason">The reason phrase as sent: escape it before it is shown.</param>
/// <param name="Fields">The fields as sent, in Latin-1.</param>
internal sealed record HttpHead(int Status, string Reason, HeaderMap Fields)
{
    private static readonly SearchValues<byte> LineBreakers = SearchValues.Create("\r\n\0"u8);

    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Reads a complete head, the empty line at its end included.</summary>
    /// <exception cref="FormatException">It breaks RFC 9112; the message goes on after "the server answered, but".</exception>
    public static HttpHead Parse(ReadOnlySpan<byte> head)
    {
        if (!head.EndsWith("\r\n\r\n"u8))
            throw new FormatException("the head of its answer is not complete");
        var lines = head[..^2];
        var (status, reason) = ReadStatusLine(NextLine(ref lines));
        var fields = new HeaderMap();
        while (!lines.IsEmpty)
        {
            var line = NextLine(ref lines);
            var colon = line.IndexOf((byte)':');
            // Also refuses folded lines and a blank before the colon (RFC 9112, sections 5.1 and 5.2).
            if (colon <= 0 || line[..colon].ContainsAnyExcept(Token))
                throw new FormatException("a header line of its answer is malformed");
            fields.AddReceived(Encoding.ASCII.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..].Trim(" \t"u8)));
        }
        return new HttpHead(status, reason, fields);
    }

    /// <summary>Retry-After in seconds only: a date would need a clock, and the clocks of two machines to agree.</summary>
    public static TimeSpan? Seconds(string? value)
    {
        if (value is null or { Length: 0 or > 9 })
            return null;
        var seconds = 0;
        foreach (var digit in value)
        {
            if (!char.IsAsciiDigit(digit))
                return null;
            seconds = (seconds * 10) + (digit - '0');
        }
        return TimeSpan.FromSeconds(seconds);
    }

    private static ReadOnlySpan<byte> NextLine(scoped ref ReadOnlySpan<byte> lines)
    {
        var end = lines.IndexOf("\r\n"u8);
        var line = lines[..end];
        if (line.ContainsAny(LineBreakers))
            throw new FormatException("a line of its answer holds CR, LF or NUL");
        lines = lines[(end + 2)..];
        return line;
    }

    private static (int Status, string Reason) ReadStatusLine(ReadOnlySpan<byte> line)
    {
        // RFC 9112, section 4. The blank before an empty reason is often left out, and nothing depends on it.
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || !char.IsAsciiDigit((char)line[7]) || line[8] != ' ' ||
            (line.Length > 12 && line[12] != ' '))
            throw new FormatException("the status line of its answer is malformed");
        // RFC 9110, section 15: a status outside 100 to 599 is invalid.
        if (!char.IsBetween((char)line[9], '1', '5') || !char.IsAsciiDigit((char)line[10]) || !char.IsAsciiDigit((char)line[11]))
            throw new FormatException("the status of its answer is not a number from 100 to 599");
        var status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        return (status, line.Length > 13 ? Encoding.Latin1.GetString(line[13..]) : "");
    }
}
