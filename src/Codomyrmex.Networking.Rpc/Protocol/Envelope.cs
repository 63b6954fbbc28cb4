using System.Text.Json;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>A message of JSON-RPC 2.0, read. Its parts are copies.</summary>
internal sealed class Envelope
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>The name of what is called; null for an answer.</summary>
    public string? Method { get; private init; }

    /// <summary>A number, a string, or undefined for a notification.</summary>
    public JsonElement Id { get; private init; }

    public JsonElement Parameters { get; private init; }

    public JsonElement Result { get; private init; }

    /// <summary>The error that an answer brings; null for none.</summary>
    public EnvelopeError? Error { get; private init; }

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
        if (id.ValueKind == JsonValueKind.String)
            _ = Text(id); // It is written again in the answer.
        return json.TryGetProperty("method", out var method) ? Call(json, id, method) : Answer(json, id);
    }

    private static Envelope Call(JsonElement json, JsonElement id, JsonElement method)
    {
        if (method.ValueKind != JsonValueKind.String)
            throw new FormatException("called a method whose name is no text");
        var parameters = json.TryGetProperty("params", out var given) ? given : default;
        if (parameters.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Array or JsonValueKind.Object))
            throw new FormatException("called a method with parameters that are neither list nor object");
        return new Envelope { Method = Text(method), Id = id, Parameters = parameters.ValueKind == JsonValueKind.Null ? default : parameters };
    }

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
