using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The endpoints whose bodies, in either direction, take their time.</summary>
internal static class LabStreams
{
    public static void MapTo(LoopbackServer server)
    {
        server.Map("*", "/delay/{seconds}", DelayAsync).Map("GET", "/stream/{n}", LinesAsync).Map("GET", "/stream-bytes/{n}", BytesAsync)
            .Map("GET", "/drip", DripAsync).Map("POST", "/upload", UploadAsync).Map("PUT", "/upload", UploadAsync).Map("*", "/sse/{n}", EventsAsync);
    }

    private static async Task DelayAsync(LoopbackExchange exchange)
    {
        await exchange.PauseAsync(LabRequest.Seconds(exchange.RouteValue("seconds"))).ConfigureAwait(false);
        await LabEcho.RespondAsync(exchange).ConfigureAwait(false);
    }

    private static async Task LinesAsync(LoopbackExchange exchange)
    {
        var count = exchange.RouteNumber("n", 1_000_000);
        var stream = await exchange.StartAsync(200, [new("Content-Type", "application/x-ndjson")]).ConfigureAwait(false);
        for (var i = 0; i < count; i++)
        {
            var line = LabRequest.Json(writer =>
            {
                writer.WriteNumber("id", i);
                writer.WriteString("url", exchange.Target);
            });
            await stream.WriteAsync((byte[])[.. line, (byte)'\n'], exchange.Aborted).ConfigureAwait(false);
        }
    }

    private static async Task BytesAsync(LoopbackExchange exchange)
    {
        var left = exchange.RouteNumber("n", int.MaxValue);
        var seed = exchange.QueryNumber("seed", 0, int.MaxValue);
        var buffer = new byte[Math.Max(1, exchange.QueryNumber("chunk_size", 16384, 1 << 20))];
        var stream = await exchange.StartAsync(200, [new("Content-Type", "application/octet-stream")]).ConfigureAwait(false);
        for (long offset = 0; left > 0;)
        {
            var count = Math.Min(left, buffer.Length);
            PatternBytes.Fill(seed, offset, buffer.AsSpan(0, count));
            await stream.WriteAsync(buffer.AsMemory(0, count), exchange.Aborted).ConfigureAwait(false);
            offset += count;
            left -= count;
        }
    }

    private static async Task DripAsync(LoopbackExchange exchange)
    {
        var count = exchange.QueryNumber("numbytes", 10, 1 << 20);
        var status = exchange.QueryNumber("code", 200, 999);
        var duration = LabRequest.Seconds(exchange.Query["duration"], 2);
        await exchange.PauseAsync(LabRequest.Seconds(exchange.Query["delay"])).ConfigureAwait(false);
        var stream = await exchange.StartAsync(status, [new("Content-Type", "application/octet-stream")], count).ConfigureAwait(false);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                await exchange.PauseAsync(duration / count).ConfigureAwait(false);
            await stream.WriteAsync("*"u8.ToArray(), exchange.Aborted).ConfigureAwait(false);
        }
    }

    private static async Task UploadAsync(LoopbackExchange exchange)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[65536];
        long total = 0;
        int read;
        while ((read = await exchange.Body.ReadAsync(buffer, exchange.Aborted).ConfigureAwait(false)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            total += read;
        }
        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        await exchange.RespondJsonAsync(200, writer =>
        {
            writer.WriteNumber("bytes", total);
            writer.WriteString("sha256", digest);
        }).ConfigureAwait(false);
    }

    private static async Task EventsAsync(LoopbackExchange exchange)
    {
        var count = exchange.RouteNumber("n", 1_000_000);
        var pause = LabRequest.Seconds(exchange.Query["delay"]);
        var drop = exchange.QueryNumber("drop_after", int.MaxValue, int.MaxValue);
        var first = int.TryParse(exchange.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last + 1 : 1;
        var stream = await exchange.StartAsync(
            200, [new("Content-Type", "text/event-stream"), new("Cache-Control", "no-cache")]).ConfigureAwait(false);
        for (var id = first; id <= count; id++)
        {
            if (id - first >= drop)
            {
                exchange.Abort();
                return;
            }
            if (id > first)
                await exchange.PauseAsync(pause).ConfigureAwait(false);
            var text = string.Create(CultureInfo.InvariantCulture, $"id: {id}\nevent: message\ndata: {{\"id\":{id}}}\n\n");
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), exchange.Aborted).ConfigureAwait(false);
        }
        if (exchange.Query["end"] is { } end)
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"data: {end.ReplaceLineEndings(" ")}\n\n"), exchange.Aborted).ConfigureAwait(false);
    }
}
