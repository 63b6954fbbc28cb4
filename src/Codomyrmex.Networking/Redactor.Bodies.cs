using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Codomyrmex.Networking;

/// <content>Whole bodies of messages.</content>
public static partial class Redactor
{
    private const int MostDepth = 256;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A whole body as text: of JSON and of forms what secret names hold is masked, of other text as much as <see cref="Redact"/> sees.</summary>
    /// <param name="body">The body, decoded.</param>
    /// <param name="contentType">Its media type, with or without parameters; null where it is not known.</param>
    /// <param name="moreNames">Names that are secret besides the usual ones, in any case; null for none.</param>
    /// <returns>The text; null where the bytes are none (UTF-8).</returns>
    public static string? RedactBody(ReadOnlySpan<byte> body, string? contentType, IReadOnlyCollection<string>? moreNames = null)
    {
        if (Text(body) is not { } text)
            return null;
        if (contentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true)
            return RedactForm(text, moreNames);
        return (IsJson(contentType) ? RedactJson(body, moreNames) : null) ?? Redact(text);
    }

    /// <summary>A form, or the query of a URL, with the values of secret names masked.</summary>
    /// <param name="form">Names and values, <c>application/x-www-form-urlencoded</c>.</param>
    /// <param name="moreNames">Names that are secret besides the usual ones, in any case; null for none.</param>
    public static string RedactForm(string form, IReadOnlyCollection<string>? moreNames = null)
    {
        ArgumentNullException.ThrowIfNull(form);
        return string.Join('&', form.Split('&').Select(field =>
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            return equals >= 0 && IsSecretName(Uri.UnescapeDataString(field[..equals]), moreNames) ? $"{field[..equals]}={Mask}" : field;
        }));
    }

    /// <summary>A JSON document with the values of secret names masked.</summary>
    /// <param name="json">The document, in UTF-8.</param>
    /// <param name="moreNames">Names that are secret besides the usual ones, in any case; null for none.</param>
    /// <returns>The document, without white space between its parts; null where it is none, or nested more than 256 deep.</returns>
    public static string? RedactJson(ReadOnlySpan<byte> json, IReadOnlyCollection<string>? moreNames = null)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MostDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.BytesConsumed != json.Length && json[(int)reader.BytesConsumed..].IndexOfAnyExcept(" \t\r\n"u8) >= 0)
                return null;
            using var masked = new MemoryStream();
            using (var writer = new Utf8JsonWriter(masked, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MostDepth }))
                Write(writer, document.RootElement, moreNames);
            return Encoding.UTF8.GetString(masked.GetBuffer(), 0, (int)masked.Length);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsSecretName(string name, IReadOnlyCollection<string>? moreNames) => IsSecretName(name) || moreNames?.Contains(name, StringComparer.OrdinalIgnoreCase) == true;

    private static bool IsJson(string? contentType)
    {
        var type = contentType is null ? default : contentType.AsSpan();
        var end = type.IndexOf(';');
        type = (end < 0 ? type : type[..end]).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static string? Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, IReadOnlyCollection<string>? moreNames)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    // A number may be a secret too; what holds others is looked into.
                    if (property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number && IsSecretName(property.Name, moreNames))
                        writer.WriteStringValue(Mask);
                    else
                        Write(writer, property.Value, moreNames);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, moreNames);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Redact(value.GetString()!));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
