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
        $"{name}: {(IsSecret(name) || Redactor.IsSecretHeader(name, value) ? Redactor.Mask : IsUrl(name) ? Url(value) : Redactor.Redact(value))}";

    /// <summary>A whole body: JSON and forms by name, other text as far as secrets can be seen in it, bytes as they are.</summary>
    public CassettePart Body(ReadOnlySpan<byte> body, string? contentType)
    {
        if (contentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true)
            return new CassettePart(Form(Encoding.UTF8.GetString(body)));
        return IsJson(contentType) && Json(body) is { } json ? new CassettePart(json) : Text(body) is { } text ? new CassettePart(Redactor.Redact(text)) : Bytes(body);
    }

    /// <summary>
    /// A record of a stream with its end: the event of an event stream, the line of NDJSON. What is JSON in it is masked by name, as in a body that is nothing else.
    /// </summary>
    public CassettePart Record(ReadOnlySpan<byte> record)
    {
        if (Text(record) is not { } text)
            return Bytes(record);
        var masked = new StringBuilder(text.Length);
        foreach (var line in Lines(text))
        {
            // "data: {…}" or "{…}"; everything before the brace stays.
            var brace = line.IndexOf('{', StringComparison.Ordinal);
            var end = line.AsSpan().TrimEnd("\r\n").Length;
            var json = brace >= 0 && line[..brace].TrimEnd() is "" or "data:" ? Json(Encoding.UTF8.GetBytes(line[brace..end])) : null;
            masked.Append(json is null ? Redactor.Redact(line) : line[..brace] + json + line[end..]);
        }
        return new CassettePart(masked.ToString());
    }

    public static CassettePart Bytes(ReadOnlySpan<byte> bytes) => new(null, Convert.ToBase64String(bytes));

    /// <summary>The bytes as text; null where they are none.</summary>
    public static string? Text(ReadOnlySpan<byte> bytes)
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

    private static IEnumerable<string> Lines(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is >= 0 and var feed ? feed + 1 : text.Length;
            yield return text[start..end];
            start = end;
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
