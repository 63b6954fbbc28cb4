using System.Globalization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The endpoints for conditional and partial requests (RFC 9110, sections 13 and 14).</summary>
internal static class LabRanges
{
    public static void MapTo(LoopbackServer server) => server.Map("GET", "/etag/{etag}", TagAsync).Map("GET", "/range/{n}", RangeAsync);

    private static Task TagAsync(LoopbackExchange exchange)
    {
        var tag = Quoted(exchange.RouteValue("etag"));
        if (exchange.Headers["If-Match"] is { } wanted && !Lists(wanted, tag))
            return exchange.RespondAsync(412, headers: [new("ETag", tag)]);
        if (exchange.Headers["If-None-Match"] is { } known && Lists(known, tag))
            return exchange.RespondAsync(304, headers: [new("ETag", tag)]);
        return LabEcho.RespondAsync(exchange, [new("ETag", tag)]);
    }

    private static async Task RangeAsync(LoopbackExchange exchange)
    {
        long total = exchange.RouteNumber("n", int.MaxValue);
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"range{total}\"");
        var headers = new List<KeyValuePair<string, string>>
        {
            new("ETag", tag), new("Accept-Ranges", "bytes"), new("Content-Type", "application/octet-stream"),
        };
        var (from, to) = (0L, total - 1);
        var asked = exchange.Headers["If-Range"] is { } condition && condition != tag ? null : exchange.Headers["Range"];
        var status = asked is null ? 200 : Span(asked, total, out from, out to);
        if (status == 416)
        {
            headers[2] = new("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes */{total}"));
            await exchange.RespondAsync(416, headers: headers).ConfigureAwait(false);
            return;
        }
        if (status == 206)
            headers.Add(new("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{total}")));
        await SendAsync(exchange, status, headers, from, to).ConfigureAwait(false);
    }

    /// <summary>One range; anything else is ignored, as a server may (200).</summary>
    private static int Span(string text, long total, out long from, out long to)
    {
        (from, to) = (0, total - 1);
        if (!text.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) || text.Contains(',', StringComparison.Ordinal))
            return 200;
        var parts = text[6..].Split('-', StringSplitOptions.TrimEntries);
        if (parts.Length != 2 || !Number(parts[0], out var first) || !Number(parts[1], out var last) || (first < 0 && last < 0))
            return 200;
        if (first < 0)
        {
            from = Math.Max(0, total - last);
            return last == 0 || total == 0 ? 416 : 206;
        }
        if (last >= 0 && last < first)
            return 200;
        from = first;
        to = last < 0 ? total - 1 : Math.Min(last, total - 1);
        return first >= total ? 416 : 206;
    }

    /// <summary>A number, or −1 for nothing.</summary>
    private static bool Number(string text, out long value)
    {
        value = -1;
        return text.Length == 0 || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static async Task SendAsync(LoopbackExchange exchange, int status, List<KeyValuePair<string, string>> headers, long from, long to)
    {
        var stream = await exchange.StartAsync(status, headers, to - from + 1).ConfigureAwait(false);
        if (exchange.Method == "HEAD")
            return;
        var buffer = new byte[16384];
        while (from <= to)
        {
            var count = (int)Math.Min(buffer.Length, to - from + 1);
            for (var i = 0; i < count; i++)
                buffer[i] = (byte)('a' + ((from + i) % 26));
            await stream.WriteAsync(buffer.AsMemory(0, count), exchange.Aborted).ConfigureAwait(false);
            from += count;
        }
    }

    private static string Quoted(string tag) => tag.AsSpan().ContainsAny("\"\r\n\0")
        ? throw new BadRequestException(400, "The tag holds a character that it may not hold.")
        : $"\"{tag}\"";

    private static bool Lists(string field, string tag) => field.Trim() == "*"
        || field.Split(',', StringSplitOptions.TrimEntries).Any(entry => entry == tag || entry == "W/" + tag);
}
