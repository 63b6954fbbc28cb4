using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Takes secrets out of what goes into a cassette.</summary>
internal sealed class CassetteMasking(CassetteOptions options)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public string Url(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? Redactor.Redact(url) : $"{Redactor.Redact(url[..query])}?{Form(url[(query + 1)..])}";
    }

    public string Field(string name, string value) =>
        $"{name}: {(IsSecret(name) || Redactor.IsSecretHeader(name) ? Redactor.Mask : IsUrl(name) ? Url(value) : Redactor.Redact(value))}";

    /// <summary>A whole body: JSON and forms by name, other text as far as secrets can be seen in it, bytes as they are.</summary>
    public CassettePart Body(ReadOnlySpan<byte> body, string? contentType)
    {
        if (contentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true)
            return new CassettePart(0, Form(Encoding.UTF8.GetString(body)), null);
        return IsJson(contentType) && Json(body) is { } json ? new CassettePart(0, json, null) : Part(body, 0);
    }

    /// <summary>A part of a body that comes bit by bit.</summary>
    public static CassettePart Part(ReadOnlySpan<byte> part, double afterMs)
    {
        try
        {
            return new CassettePart(afterMs, Redactor.Redact(Strict.GetString(part)), null);
        }
        catch (DecoderFallbackException)
        {
            return new CassettePart(afterMs, null, Convert.ToBase64String(part));
        }
    }

    public static bool IsJson(string? contentType)
    {
        var type = contentType?.Split(';')[0].Trim();
        return type is not null && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsUrl(string name) => name.Equals("Location", StringComparison.OrdinalIgnoreCase) || name.Equals("Referer", StringComparison.OrdinalIgnoreCase);

    private bool IsSecret(string name) => Redactor.IsSecretName(name) || options.SecretNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    private string Form(string form) => string.Join('&', form.Split('&').Select(field =>
    {
        var equals = field.IndexOf('=', StringComparison.Ordinal);
        return equals >= 0 && IsSecret(Uri.UnescapeDataString(field[..equals])) ? $"{field[..equals]}={Redactor.Mask}" : field;
    }));

    private string? Json(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 256 });
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.BytesConsumed != body.Length && body[(int)reader.BytesConsumed..].IndexOfAnyExcept(" \t\r\n"u8) >= 0)
                return null;
            using var masked = new MemoryStream();
            using (var writer = new Utf8JsonWriter(masked, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 }))
                Write(writer, document.RootElement);
            return Encoding.UTF8.GetString(masked.GetBuffer(), 0, (int)masked.Length);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    // A number may be a secret too; what holds others is looked into.
                    if (IsSecret(property.Name) && property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                        writer.WriteStringValue(Redactor.Mask);
                    else
                        Write(writer, property.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Redactor.Redact(value.GetString()!));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
