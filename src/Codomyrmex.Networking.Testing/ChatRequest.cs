using System.Text.Json;

namespace Codomyrmex.Networking.Testing;

/// <summary>A request for an answer of a model, as a <see cref="ChatServer"/> got it.</summary>
public sealed class ChatRequest
{
    internal ChatRequest(string path, LoopbackFields headers, JsonElement body)
    {
        (Path, Headers, Body) = (path, headers, body);
        Model = body.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.String ? model.GetString()! : "";
        IsStreamed = body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True;
        Text = LastText(body);
    }

    /// <summary>The path: which shape was asked for.</summary>
    public string Path { get; }

    /// <summary>The header fields.</summary>
    public LoopbackFields Headers { get; }

    /// <summary>The body.</summary>
    public JsonElement Body { get; }

    /// <summary>The model asked for.</summary>
    public string Model { get; }

    /// <summary>Whether a stream was asked for.</summary>
    public bool IsStreamed { get; }

    /// <summary>The text of the last message; empty where it has none.</summary>
    public string Text { get; }

    internal int Words => Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    internal bool WantsUsage => Body.TryGetProperty("stream_options", out var options) && options.ValueKind == JsonValueKind.Object &&
        options.TryGetProperty("include_usage", out var usage) && usage.ValueKind == JsonValueKind.True;

    // A message holds text, or a list of parts, some of which hold text.
    private static string LastText(JsonElement body)
    {
        if (!body.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0 ||
            messages[messages.GetArrayLength() - 1] is not { ValueKind: JsonValueKind.Object } last || !last.TryGetProperty("content", out var content))
            return "";
        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Concat(content.EnumerateArray()
                .Where(static part => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String)
                .Select(static part => part.GetProperty("text").GetString())),
            _ => "",
        };
    }
}
