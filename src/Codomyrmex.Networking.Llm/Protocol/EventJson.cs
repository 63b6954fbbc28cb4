using System.Text.Json;

namespace Codomyrmex.Networking.Llm.Protocol;

/// <summary>Reads members of events: what is absent, null or of another kind is null, since services add and vary.</summary>
internal static class EventJson
{
    public static JsonElement? Object(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    public static JsonElement? Array(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value : null;

    public static string? Text(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A whole number, 0 at least.</summary>
    public static long? Number(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? Math.Clamp(number, 0, 1L << 40)
            : null;

    /// <summary>An error, in the form that both formats have: a type, a code, a message.</summary>
    public static ReportedError Error(JsonElement error)
    {
        var kind = error.Text("type") is { Length: > 0 } type ? type : error.Text("code") ?? error.Number("code")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "";
        return new ReportedError(kind, error.Text("message") ?? "");
    }

    /// <summary>Reads an event's data.</summary>
    /// <exception cref="FormatException">It is no object, or a name or text in it is none: half a surrogate pair, escaped, is JSON.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static ReportedError? Read(string data, AnswerBuilder answer, Func<JsonElement, AnswerBuilder, ReportedError?> read)
    {
        using var document = JsonDocument.Parse(data);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new FormatException($"Its data is no object, but of the kind {document.RootElement.ValueKind}.");
        try
        {
            return read(document.RootElement, answer);
        }
        catch (InvalidOperationException error)
        {
            throw new FormatException("A name or text in its data is not valid Unicode.", error);
        }
    }
}
