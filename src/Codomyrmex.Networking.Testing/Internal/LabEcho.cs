using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The endpoints that send the request back as JSON.</summary>
internal static class LabEcho
{
    private static readonly UTF8Encoding Strict = new(false, true);

    public static void MapTo(LoopbackServer server)
    {
        server.Map("GET", "/get", RespondAsync).Map("POST", "/post", RespondAsync).Map("PUT", "/put", RespondAsync)
            .Map("PATCH", "/patch", RespondAsync).Map("DELETE", "/delete", RespondAsync)
            .Map("*", "/anything", RespondAsync).Map("*", "/anything/{**rest}", RespondAsync)
            .Map("GET", "/headers", static exchange =>
                exchange.RespondJsonAsync(200, writer => writer.WriteFields("headers", exchange.Headers)));
    }

    public static Task RespondAsync(LoopbackExchange exchange) => RespondAsync(exchange, null);

    public static async Task RespondAsync(LoopbackExchange exchange, IEnumerable<KeyValuePair<string, string>>? headers)
    {
        var body = await exchange.ReadBodyAsync(cancellationToken: exchange.Aborted).ConfigureAwait(false);
        await exchange.RespondJsonAsync(200, writer => Write(writer, exchange, body), headers).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter writer, LoopbackExchange exchange, byte[] body)
    {
        var mediaType = exchange.Headers["Content-Type"] ?? string.Empty;
        var text = Text(body);
        writer.WriteString("method", exchange.Method);
        writer.WriteString("url", Url(exchange));
        writer.WriteFields("args", exchange.Query);
        writer.WriteFields("headers", exchange.Headers);
        if (mediaType.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            writer.WriteFields("form", FormText.Parse(text ?? string.Empty));
            writer.WriteFields("files", []);
            writer.WriteString("data", string.Empty);
            writer.WriteNull("json");
            return;
        }
        if (MultipartText.Boundary(mediaType) is { } boundary)
        {
            var parts = MultipartText.Parse(body, boundary);
            writer.WriteFields("form", parts.Where(static part => part.FileName is null).Select(Entry));
            writer.WriteFields("files", parts.Where(static part => part.FileName is not null).Select(Entry));
            writer.WriteString("data", string.Empty);
            writer.WriteNull("json");
            return;
        }
        writer.WriteFields("form", []);
        writer.WriteFields("files", []);
        writer.WriteString("data", text ?? Base64(body));
        WriteJson(writer, body);
    }

    private static void WriteJson(Utf8JsonWriter writer, byte[] body)
    {
        try
        {
            if (body.Length > 0)
            {
                using var document = JsonDocument.Parse(body);
                writer.WritePropertyName("json");
                document.WriteTo(writer);
                return;
            }
        }
        catch (JsonException)
        {
            // Not JSON: said by null.
        }
        writer.WriteNull("json");
    }

    private static KeyValuePair<string, string> Entry(MultipartText part) => new(part.Name, Text(part.Content) ?? Base64(part.Content));

    private static string Url(LoopbackExchange exchange) =>
        exchange.Target.StartsWith('/') ? $"{exchange.Server.Url.Scheme}://{exchange.Headers["Host"]}{exchange.Target}" : exchange.Target;

    private static string Base64(byte[] body) => "data:application/octet-stream;base64," + Convert.ToBase64String(body);

    private static string? Text(byte[] body)
    {
        try
        {
            return Strict.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
