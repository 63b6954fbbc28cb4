using System.Text.Json;
using System.Text.Unicode;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Writes a buffered body as <c>body</c> and <c>bodyKind</c>: as JSON where it says so and is, as text, or in base64.</summary>
internal static class BodyDocument
{
    // As deep as the platform's own JSON readers of other languages go by default or nearly so.
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = 512 };

    public static void WriteBody(this Utf8JsonWriter writer, Response response)
    {
        var content = response.Content;
        if (IsJson(response.ContentType) && TryWriteJson(writer, content))
        {
            writer.WriteString("bodyKind", "json");
        }
        else if (IsText(response))
        {
            writer.WriteString("body", response.Text);
            writer.WriteString("bodyKind", "text");
        }
        else
        {
            writer.WriteBase64String("body", content.Span);
            writer.WriteString("bodyKind", "base64");
        }
    }

    /// <summary>Whether a media type is JSON, or JSON with a meaning of its own (RFC 6839).</summary>
    public static bool IsJson(string? type) => type is "application/json" || type?.EndsWith("+json", StringComparison.Ordinal) == true;

    /// <summary>Whether the body can be shown as text without loss.</summary>
    public static bool IsText(Response response)
    {
        var content = response.Content.Span;
        if (content.Contains((byte)0))
            return false;
        return response.ContentType?.StartsWith("text/", StringComparison.Ordinal) == true || Utf8.IsValid(content);
    }

    private static bool TryWriteJson(Utf8JsonWriter writer, ReadOnlyMemory<byte> content)
    {
        var bytes = content.Span.StartsWith("\uFEFF"u8) ? content[3..] : content;
        try
        {
            using var document = JsonDocument.Parse(bytes, Depth);
            // Half a surrogate pair in an escape is JSON, but no text: it shows only when it is written.
            using var trial = new Utf8JsonWriter(Stream.Null);
            document.RootElement.WriteTo(trial);
            writer.WritePropertyName("body");
            document.RootElement.WriteTo(writer);
            return true;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }
}
