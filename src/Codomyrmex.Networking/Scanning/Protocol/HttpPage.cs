using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>Status, server and title out of the answer to an HTTP request (RFC 9112), or what of it has arrived.</summary>
internal static class HttpPage
{
    private const int LongestHead = 32 * 1024;
    private const int LongestTitle = 200;

    public static ServiceFacts? Read(ReadOnlySpan<byte> answer)
    {
        // HTTP/1.1 200 …
        if (!answer.StartsWith("HTTP/1."u8) || answer.Length < 12 || answer[8] != ' ' || !Status(answer.Slice(9, 3), out var status))
            return null;
        var line = WireText.Line(answer);
        var end = HeadLength(answer);
        var head = end < 0 ? answer[..Math.Min(answer.Length, LongestHead)] : answer[..end];
        var body = end < 0 ? default : answer[end..];
        var server = Field(head, "server"u8);
        var (product, version) = server.IsEmpty ? (null, null) : WireText.Product(server);
        var title = Title(body, out var isTitleComplete);
        return new ServiceFacts("http")
        {
            Banner = WireText.Of(line),
            HttpStatus = status,
            HttpServer = server.IsEmpty ? null : WireText.Of(server),
            HttpTitle = title,
            Product = product,
            Version = version,
            WantsMore = answer.Length < 2 * LongestHead && (end < 0 || !isTitleComplete),
        };
    }

    /// <summary>The request that asks for the first page. The host is one of ours and holds nothing that ends a line.</summary>
    public static byte[] Request(string host) => Encoding.ASCII.GetBytes(
        $"GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Codomyrmex.Networking (port scan)\r\nAccept: */*\r\nConnection: close\r\n\r\n");

    /// <summary>The value of a field, trimmed; empty for none. Names compare without case (RFC 9110, section 5.1).</summary>
    public static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        foreach (var range in head.Split((byte)'\n'))
        {
            var line = head[range];
            if (line.Length > name.Length && line[name.Length] == ':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
                return line[(name.Length + 1)..].Trim(" \t\r"u8);
        }
        return default;
    }

    /// <summary>The length of a head with the empty line behind it; -1 where that has not come.</summary>
    public static int HeadLength(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end >= 0)
            return end + 4;
        end = answer.IndexOf("\n\n"u8);
        return end < 0 ? -1 : end + 2;
    }

    public static bool Status(ReadOnlySpan<byte> digits, out int status)
    {
        status = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            status = (10 * status) + digit - '0';
        }
        return status is >= 100 and <= 999;
    }

    private static string? Title(ReadOnlySpan<byte> body, out bool isComplete)
    {
        isComplete = false;
        var start = WireText.IndexOfIgnoringCase(body, "<title"u8);
        if (start < 0)
            return null;
        var open = body[start..].IndexOf((byte)'>');
        if (open < 0)
            return null;
        var text = body[(start + open + 1)..];
        var end = WireText.IndexOfIgnoringCase(text, "</title"u8);
        isComplete = end >= 0 || text.Length > 4 * LongestTitle;
        var title = WebUtility.HtmlDecode(WireText.Of(end < 0 ? text : text[..end], 4 * LongestTitle));
        title = string.Join(' ', title.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return title.Length == 0 ? null : title[..Math.Min(title.Length, LongestTitle)];
    }
}
