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
    public static HttpConnectReply Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxHead)
            throw new FormatException("the head of its answer is not complete");
        var head = HttpHead.Parse(bytes);
        List<string>? schemes = null;
        TimeSpan? retryAfter = null;
        foreach (var (name, value) in head.Fields)
        {
            if (name.Equals("Proxy-Authenticate", StringComparison.OrdinalIgnoreCase))
                (schemes ??= []).Add(ReadScheme(value));
            else if (name.Equals("Retry-After", StringComparison.OrdinalIgnoreCase))
                retryAfter = HttpHead.Seconds(value);
        }
        return new HttpConnectReply(head.Status, head.Reason, schemes ?? [], retryAfter);
    }

    private static string ReadScheme(string value)
    {
        var end = 0;
        while (end < value.Length && FieldRules.IsToken(value.AsSpan(end, 1)))
            end++;
        return value[..end];
    }
}
