using System.Runtime.InteropServices;
using System.Text.Json;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>A message of JSON-RPC 2.0, read. Each of its parts keeps all of it in memory.</summary>
internal sealed class Envelope
{
    private const int LongestId = 256;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>The name of what is called; null for an answer.</summary>
    public string? Method { get; private init; }

    /// <summary>A number, a string, or undefined for a notification.</summary>
    public JsonElement Id { get; private init; }

    public JsonElement Parameters { get; private init; }

    public JsonElement Result { get; private init; }

    /// <summary>The error that an answer brings; null for none.</summary>
    public EnvelopeError? Error { get; private init; }

    /// <summary>How long the caller waits; null where it does not say.</summary>
    public TimeSpan? Timeout { get; private init; }

    /// <summary>Bytes of items that may be under way; null where the caller wants no stream.</summary>
    public int? Window { get; private init; }

    /// <summary>The span that the call belongs to, as it was written; null for none.</summary>
    public string? TraceParent { get; private init; }

    public string? TraceState { get; private init; }

    public bool IsNotification => Method is not null && Id.ValueKind == JsonValueKind.Undefined;

    /// <summary>Reads a message.</summary>
    /// <exception cref="FormatException">It is none of JSON-RPC 2.0; the message says why, behind the peer's name.</exception>
    public static Envelope Read(ReadOnlySpan<byte> message)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(message, Strict);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The latter where a name holds half a character.
            throw new FormatException("sent what is no JSON", error);
        }
        if (json.ValueKind != JsonValueKind.Object)
            throw new FormatException(json.ValueKind == JsonValueKind.Array ? "sent a batch, which is not taken" : "sent JSON that is no object");
        if (!json.TryGetProperty("jsonrpc", out var version) || version.ValueKind != JsonValueKind.String || Text(version) != "2.0")
            throw new FormatException("sent a message that is not of JSON-RPC 2.0");
        var id = json.TryGetProperty("id", out var given) ? given : default;
        if (id.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Number or JsonValueKind.String))
            throw new FormatException("sent a message whose id is neither number nor text");
        // It is written again in the answer, and in every item of a stream.
        if (id.ValueKind is JsonValueKind.String or JsonValueKind.Number && JsonMarshal.GetRawUtf8Value(id).Length > LongestId)
            throw new FormatException("sent a message whose id is longer than 256 bytes");
        if (id.ValueKind == JsonValueKind.String)
            _ = Text(id);
        return json.TryGetProperty("method", out var method) ? Call(json, id, method) : Answer(json, id);
    }

    private static Envelope Call(JsonElement json, JsonElement id, JsonElement method)
    {
        if (method.ValueKind != JsonValueKind.String)
            throw new FormatException("called a method whose name is no text");
        var parameters = json.TryGetProperty("params", out var given) ? given : default;
        if (parameters.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Array or JsonValueKind.Object))
            throw new FormatException("called a method with parameters that are neither list nor object");
        return new Envelope
        {
            Method = Text(method),
            Id = id,
            Parameters = parameters.ValueKind == JsonValueKind.Null ? default : parameters,
            Timeout = Number(json, EnvelopeWriter.Timeout, uint.MaxValue - 1) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            Window = (int?)Number(json, EnvelopeWriter.Window, int.MaxValue),
            TraceParent = Optional(json, EnvelopeWriter.TraceParent),
            TraceState = Optional(json, EnvelopeWriter.TraceState),
        };
    }

    /// <summary>A member that is a whole number, where it is there; one that is larger than is of use is as large as is.</summary>
    private static long? Number(JsonElement json, string name, long most)
    {
        if (!json.TryGetProperty(name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0
            ? Math.Min(number, most)
            : throw new FormatException($"called a method with a member '{name}' that is no whole number");
    }

    private static string? Optional(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Text(value) : null;

    private static Envelope Answer(JsonElement json, JsonElement id)
    {
        var hasResult = json.TryGetProperty("result", out var result);
        // Some peers send both, one of them null.
        var hasError = json.TryGetProperty("error", out var error) && !(hasResult && error.ValueKind == JsonValueKind.Null);
        if (id.ValueKind == JsonValueKind.Undefined || hasError == (hasResult && result.ValueKind != JsonValueKind.Null))
            throw new FormatException("sent a message that is neither call nor answer");
        if (!hasError)
            return new Envelope { Id = id, Result = result };
        if (error.ValueKind != JsonValueKind.Object || !error.TryGetProperty("code", out var code) || code.ValueKind != JsonValueKind.Number || !code.TryGetInt32(out var number) ||
            !error.TryGetProperty("message", out var message) || message.ValueKind != JsonValueKind.String)
        {
            throw new FormatException("answered with an error that has no code and message");
        }
        var data = error.TryGetProperty("data", out var more) ? more : default;
        return new Envelope { Id = id, Error = new EnvelopeError(number, Text(message), data) };
    }

    private static string Text(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new FormatException("sent text with half a character", error);
        }
    }
}
