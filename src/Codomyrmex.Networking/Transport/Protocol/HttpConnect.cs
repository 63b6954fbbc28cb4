using System.Buffers;
using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>HTTP CONNECT (RFC 9110, section 9.3.6; RFC 9112, section 3.2.3): the request as bytes, the head of the answer as a value.</summary>
internal static class HttpConnect
{
    /// <summary>The longest head accepted, in bytes.</summary>
    public const int MaxHead = 16 * 1024;

    /// <summary>The shortest head there is: <c>HTTP/1.1 200</c> and two line ends. No head ends before that many bytes.</summary>
    private const int MinHead = 16;

    private static readonly SearchValues<byte> LineBreakers = SearchValues.Create("\r\n\0"u8);

    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>The request: CONNECT, Host and, where given, Proxy-Authorization. Nothing else goes to the proxy.</summary>
    /// <param name="target">Name or address literal, and port.</param>
    /// <param name="authorization">The value of Proxy-Authorization.</param>
    /// <exception cref="ArgumentException">A part cannot be written without changing the request's meaning.</exception>
    public static byte[] Request(Endpoint target, string? authorization)
    {
        target = new Endpoint(TunnelTarget.Host(target.Host), TunnelTarget.Port(target.Port));
        if (authorization is not null && (authorization.Length == 0 || authorization.Any(c => c is < ' ' or > '~')))
            throw new ArgumentException("the credentials hold a character that a header cannot carry", nameof(authorization));
        // RFC 9112, section 3.2: Host repeats the authority of the request target.
        var text = string.Create(CultureInfo.InvariantCulture, $"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if (authorization is not null)
            text += "Proxy-Authorization: " + authorization + "\r\n";
        return Encoding.ASCII.GetBytes(text + "\r\n");
    }

    /// <summary>
    /// At least that many more bytes belong to the head; 0 when it is complete. A head ends in CR LF CR LF, so as long as n bytes of that
    /// are missing, n bytes can be read without touching what follows the head: the tunnel's own bytes.
    /// </summary>
    /// <exception cref="FormatException">It cannot become a head any more.</exception>
    public static int Missing(ReadOnlySpan<byte> received)
    {
        var prefix = "HTTP/1."u8;
        if (!received[..Math.Min(received.Length, prefix.Length)].SequenceEqual(prefix[..Math.Min(received.Length, prefix.Length)]))
            throw new FormatException("its answer does not begin with an HTTP/1 status line");
        // A line feed alone may end a line for lenient readers (RFC 9112, section 2.2); waiting for CR LF CR LF would then never end.
        var fresh = received[^Math.Min(received.Length, MinHead)..];
        var feed = fresh.LastIndexOf((byte)'\n');
        if (feed > 0 && fresh[feed - 1] != '\r')
            throw new FormatException("a line of its answer ends without CR");
        var missing =
            received.EndsWith("\r\n\r\n"u8) ? 0 :
            received.EndsWith("\r\n\r"u8) ? 1 :
            received.EndsWith("\r\n"u8) ? 2 :
            received.EndsWith("\r"u8) ? 3 : 4;
        if (missing > 0)
            missing = Math.Max(missing, MinHead - received.Length);
        if (received.Length + missing > MaxHead)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"the head of its answer is longer than {MaxHead} bytes"));
        return missing;
    }

    /// <summary>Reads a complete head.</summary>
    /// <exception cref="FormatException">It breaks RFC 9112.</exception>
    public static HttpConnectReply Parse(ReadOnlySpan<byte> head)
    {
        if (head.Length > MaxHead || !head.EndsWith("\r\n\r\n"u8))
            throw new FormatException("the head of its answer is not complete");
        var lines = head[..^2];
        var (status, reason) = ReadStatusLine(NextLine(ref lines));
        List<string>? schemes = null;
        TimeSpan? retryAfter = null;
        while (!lines.IsEmpty)
        {
            var line = NextLine(ref lines);
            var colon = line.IndexOf((byte)':');
            // Also refuses folded lines and a blank before the colon (RFC 9112, sections 5.1 and 5.2).
            if (colon <= 0 || line[..colon].ContainsAnyExcept(Token))
                throw new FormatException("a header line of its answer is malformed");
            var name = line[..colon];
            var value = line[(colon + 1)..].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(name, "Proxy-Authenticate"u8))
                (schemes ??= []).Add(ReadScheme(value));
            else if (Ascii.EqualsIgnoreCase(name, "Retry-After"u8))
                retryAfter = ReadSeconds(value);
        }
        return new HttpConnectReply(status, reason, schemes ?? [], retryAfter);
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

    private static string ReadScheme(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOfAnyExcept(Token);
        return Encoding.ASCII.GetString(end < 0 ? value : value[..end]);
    }

    /// <summary>Seconds only: a date would need a clock, and the clocks of two machines to agree.</summary>
    private static TimeSpan? ReadSeconds(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.Length > 9)
            return null;
        var seconds = 0;
        foreach (var digit in value)
        {
            if (!char.IsAsciiDigit((char)digit))
                return null;
            seconds = (seconds * 10) + (digit - '0');
        }
        return TimeSpan.FromSeconds(seconds);
    }
}
