using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>What a message says of itself, as far as HTTP's fields repeat it, and what its answer means to HTTP.</summary>
internal sealed class McpHead
{
    private const string EncodedStart = "=?base64?";
    private const string EncodedEnd = "?=";

    private readonly JsonElement _id;
    private readonly string? _method;
    private readonly string? _name;
    private readonly string? _version;

    private McpHead(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
            return;
        _id = message.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.Number or JsonValueKind.String ? id : default;
        _method = Text(message, "method");
        if (!message.TryGetProperty("params", out var parameters) || parameters.ValueKind != JsonValueKind.Object)
            return;
        _name = _method == "tools/call" ? Text(parameters, "name") : null;
        if (!parameters.TryGetProperty("_meta", out var meta) || meta.ValueKind != JsonValueKind.Object)
            return;
        _version = Text(meta, McpProtocol.VersionKey);
        WantsProgress = meta.TryGetProperty("progressToken", out _) && _id.ValueKind != JsonValueKind.Undefined;
    }

    /// <summary>Whether the client asked to hear how far its request is.</summary>
    public bool WantsProgress { get; }

    /// <summary>Reads a message; one that is none is told so where it is answered.</summary>
    public static McpHead Read(ReadOnlySpan<byte> message)
    {
        try
        {
            return new McpHead(JsonElement.Parse(message));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new McpHead(default);
        }
    }

    /// <summary>The error where HTTP's fields say something else than the message (2026-07-28, Server Validation); null where they agree, or where an older revision is spoken.</summary>
    public ReadOnlyMemory<byte>? Mismatch(LoopbackFields headers)
    {
        var version = headers["MCP-Protocol-Version"];
        if (_version is null && version != McpProtocol.Modern)
            return null;
        if (version is not null && _version is null)
            return Error(McpProtocol.InvalidParameters, $"_meta: {McpProtocol.VersionKey} is missing.");
        var wrong = version != _version ? "MCP-Protocol-Version"
            : headers["Mcp-Method"] != _method ? "Mcp-Method"
            : _name is not null && Decoded(headers["Mcp-Name"]) != _name ? "Mcp-Name"
            : null;
        return wrong is null ? (ReadOnlyMemory<byte>?)null : Error(McpProtocol.HeaderMismatch, $"{wrong} is missing, or says something else than the message.");
    }

    /// <summary>The status of an answer: errors of the protocol have one of their own.</summary>
    public int Status(ReadOnlySpan<byte> answer)
    {
        var json = JsonElement.Parse(answer);
        if (!json.TryGetProperty("error", out var error))
            return 200;
        return error.GetProperty("code").GetInt32() switch
        {
            -32601 when _version is not null => 404,
            -32700 or -32600 or McpProtocol.HeaderMismatch or McpProtocol.UnsupportedVersion => 400,
            McpProtocol.InvalidParameters when _method == "server/discover" => 400,
            _ => 200,
        };
    }

    private ReadOnlyMemory<byte> Error(int code, string message) => Json.Bytes(writer =>
    {
        writer.WriteString("jsonrpc", "2.0");
        writer.WritePropertyName("id");
        if (_id.ValueKind == JsonValueKind.Undefined)
            writer.WriteNullValue();
        else
            _id.WriteTo(writer);
        writer.WriteStartObject("error");
        writer.WriteNumber("code", code);
        writer.WriteString("message", message);
        writer.WriteEndObject();
    });

    private static string? Decoded(string? value)
    {
        if (value is null || !value.StartsWith(EncodedStart, StringComparison.Ordinal) || !value.EndsWith(EncodedEnd, StringComparison.Ordinal) || value.Length < EncodedStart.Length + EncodedEnd.Length)
            return value;
        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value[EncodedStart.Length..^EncodedEnd.Length], bytes, out var count) ? Encoding.UTF8.GetString(bytes, 0, count) : null;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
