using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.WebSockets.Protocol;

/// <summary>The opening handshake over HTTP/1.1 (RFC 6455, section 4): the request as bytes, the answer judged.</summary>
internal static class Upgrade
{
    /// <summary>The longest head of an answer that is read, in bytes.</summary>
    public const int MaxHead = 16 * 1024;

    // Section 1.3: what makes the answer one of a WebSocket server, and not an echo.
    private static ReadOnlySpan<byte> Suffix => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>A fresh key: sixteen random bytes (section 4.1).</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));

    /// <summary>The request.</summary>
    /// <param name="target">Path and query.</param>
    /// <param name="authority">Host, and port where it is not the scheme's own.</param>
    /// <param name="key">The key.</param>
    /// <param name="fields">The caller's fields.</param>
    /// <param name="subprotocols">The subprotocols, in order of preference.</param>
    /// <param name="extension">The extension to offer; null for none.</param>
    public static byte[] Request(string target, string authority, string key, HeaderMap fields, IReadOnlyList<string> subprotocols, string? extension)
    {
        var text = new StringBuilder("GET ").Append(target).Append(" HTTP/1.1\r\nHost: ").Append(fields["Host"] ?? authority)
            .Append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ").Append(key).Append("\r\nSec-WebSocket-Version: 13\r\n");
        if (subprotocols.Count > 0)
            text.Append("Sec-WebSocket-Protocol: ").AppendJoin(", ", subprotocols).Append("\r\n");
        if (extension is not null)
            text.Append("Sec-WebSocket-Extensions: ").Append(extension).Append("\r\n");
        foreach (var (name, value) in fields)
        {
            if (!FieldRules.IsHost(name))
                text.Append(name).Append(": ").Append(value).Append("\r\n");
        }
        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
    }

    /// <summary>The length of the head at the beginning of what has been received, its empty line included.</summary>
    /// <returns>0 where it is not complete.</returns>
    /// <exception cref="FormatException">It cannot become a head any more.</exception>
    public static int HeadLength(ReadOnlySpan<byte> received)
    {
        var begin = "HTTP/1."u8[..Math.Min(received.Length, 7)];
        if (!received.StartsWith(begin))
            throw new FormatException("its answer does not begin with an HTTP/1 status line");
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end >= 0)
            return end + 4;
        return received.Length < MaxHead ? 0 : throw new FormatException($"the head of its answer is longer than {MaxHead} bytes");
    }

    /// <summary>Judges an answer with status 101 (section 4.1).</summary>
    /// <param name="head">The answer.</param>
    /// <param name="key">The key that was sent.</param>
    /// <param name="subprotocols">The subprotocols that were offered.</param>
    /// <param name="offered">The compression that was offered; null for none.</param>
    /// <returns>What was agreed.</returns>
    /// <exception cref="FormatException">It is no consent to this request.</exception>
    public static (string? Subprotocol, DeflateTerms? Compression) Judge(HttpHead head, string key, IReadOnlyList<string> subprotocols, DeflateTerms? offered)
    {
        if (!"websocket".Equals(head.Fields["Upgrade"], StringComparison.OrdinalIgnoreCase))
            throw new FormatException("its answer does not upgrade to 'websocket'");
        if (head.Fields["Connection"]?.Split(',', StringSplitOptions.TrimEntries).Contains("Upgrade", StringComparer.OrdinalIgnoreCase) != true)
            throw new FormatException("its answer has no 'Connection: Upgrade'");
        if (head.Fields.GetAll("Sec-WebSocket-Accept") is not [var accept] || !IsAccept(accept, key))
            throw new FormatException("its Sec-WebSocket-Accept does not belong to the key that was sent: it may be the answer to another request");
        return JudgeTerms(head.Fields, subprotocols, offered);
    }

    /// <summary>Judges what a server consented to, over whatever version of HTTP.</summary>
    /// <inheritdoc cref="Judge"/>
    public static (string? Subprotocol, DeflateTerms? Compression) JudgeTerms(HeaderMap fields, IReadOnlyList<string> subprotocols, DeflateTerms? offered)
    {
        var subprotocol = fields.GetAll("Sec-WebSocket-Protocol") switch
        {
            [] => null,
            [var chosen] when subprotocols.Contains(chosen, StringComparer.Ordinal) => chosen,
            _ => throw new FormatException($"it chose the subprotocol '{Printable.Text(fields["Sec-WebSocket-Protocol"])}', which was not offered"),
        };
        if (subprotocol is null && subprotocols.Count > 0)
            throw new FormatException($"it chose none of the subprotocols {string.Join(", ", subprotocols)}");
        return (subprotocol, DeflateTerms.Read(fields["Sec-WebSocket-Extensions"], offered));
    }

    /// <summary>What a server answers to a key.</summary>
    public static string Accept(string key)
    {
        Span<byte> text = stackalloc byte[64];
        var length = Encoding.ASCII.GetBytes(key, text);
        Suffix.CopyTo(text[length..]);
        // RFC 6455 names SHA-1; it protects nothing here.
#pragma warning disable CA5350
        return Convert.ToBase64String(SHA1.HashData(text[..(length + Suffix.Length)]));
#pragma warning restore CA5350
    }

    private static bool IsAccept(string accept, string key) =>
        CryptographicOperations.FixedTimeEquals(Encoding.Latin1.GetBytes(accept), Encoding.ASCII.GetBytes(Accept(key)));
}
