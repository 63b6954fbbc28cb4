using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The endpoints with fixed or computed documents.</summary>
internal static class LabContent
{
    private const string Scripts =
        "UTF-8 sampler\n∮ E⋅da = Q,  n → ∞, ∑ f(i) = ∏ g(i)\nΣὲ γνωρίζω ἀπὸ τὴν κόψη\nЗарегистрируйтесь сейчас\nสิบสองกษัตริย์\nእያንዳንዱ\nᚻᛖ ᚳᚹᚫᚦ\n⠃⠑⠛⠊⠝\n日本語 中文 한국어\nعربي עברית\n😀 👩‍🚀\n";

    public static void MapTo(LoopbackServer server)
    {
        server.MapStatic("GET", "/json", LabRequest.Json(static writer =>
        {
            writer.WriteString("title", "Codomyrmex lab");
            writer.WriteNumber("number", 42);
            writer.WriteStartArray("items");
            writer.WriteStringValue("one");
            writer.WriteStringValue("two");
            writer.WriteEndArray();
        }), "application/json");
        server.Map("GET", "/encoding/utf8", static exchange => exchange.RespondAsync(200, Scripts));
        server.Map("GET", "/gzip", static exchange => CompressedAsync(exchange, "gzip", static to => new GZipStream(to, CompressionLevel.Fastest)));
        server.Map("GET", "/deflate", static exchange => CompressedAsync(exchange, "deflate", static to => new ZLibStream(to, CompressionLevel.Fastest)));
        server.Map("GET", "/brotli", static exchange => CompressedAsync(exchange, "br", static to => new BrotliStream(to, CompressionLevel.Fastest)));
        server.Map("GET", "/bytes/{n}", static exchange => exchange.RespondAsync(
            200, PatternBytes.Make(exchange.QueryNumber("seed", 0, int.MaxValue), exchange.RouteNumber("n", 64 << 20)), "application/octet-stream"));
        server.Map("GET", "/links/{n}", LinksAsync).Map("GET", "/links/{n}/{at}", LinksAsync).Map("GET", "/pages/{n}", PageAsync);
    }

    private static Task CompressedAsync(LoopbackExchange exchange, string coding, Func<Stream, Stream> compress)
    {
        using var packed = new MemoryStream();
        using (var compressor = compress(packed))
        {
            compressor.Write(LabRequest.Json(writer =>
            {
                writer.WriteBoolean(coding switch { "gzip" => "gzipped", "deflate" => "deflated", _ => "brotli" }, true);
                writer.WriteString("method", exchange.Method);
                writer.WriteFields("headers", exchange.Headers);
            }));
        }
        return exchange.RespondAsync(200, packed.ToArray(), "application/json", [new("Content-Encoding", coding), new("Vary", "Accept-Encoding")]);
    }

    private static Task LinksAsync(LoopbackExchange exchange)
    {
        var count = exchange.RouteNumber("n", 10_000);
        var at = exchange.RouteValues!.ContainsKey("at") ? exchange.RouteNumber("at", 10_000) : 0;
        var text = new StringBuilder("<!doctype html><html><head><title>Links</title></head><body>\n");
        for (var i = 0; i < count; i++)
        {
            if (i == at)
                text.Append(CultureInfo.InvariantCulture, $"{i}\n");
            else
                text.Append(CultureInfo.InvariantCulture, $"<a href=\"/links/{count}/{i}\">{i}</a>\n");
        }
        return exchange.RespondAsync(200, text.Append("</body></html>\n").ToString(), "text/html; charset=utf-8");
    }

    private static Task PageAsync(LoopbackExchange exchange)
    {
        var count = exchange.RouteNumber("n", 10_000);
        var page = exchange.QueryNumber("page", 1, 10_000);
        var links = new List<string>();
        if (page < count)
            links.Add(string.Create(CultureInfo.InvariantCulture, $"</pages/{count}?page={page + 1}>; rel=\"next\""));
        if (page > 1)
            links.Add(string.Create(CultureInfo.InvariantCulture, $"</pages/{count}?page={page - 1}>; rel=\"prev\""));
        links.Add(string.Create(CultureInfo.InvariantCulture, $"</pages/{count}?page={count}>; rel=\"last\""));
        return exchange.RespondJsonAsync(200, writer => Items(writer, page), [new("Link", string.Join(", ", links))]);
    }

    private static void Items(Utf8JsonWriter writer, int page)
    {
        writer.WriteNumber("page", page);
        writer.WriteStartArray("items");
        for (var i = 0; i < 3; i++)
            writer.WriteNumberValue((page * 3) - 2 + i);
        writer.WriteEndArray();
    }
}
