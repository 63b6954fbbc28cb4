using System.Text.Encodings.Web;
using System.Text.Json;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Rpc;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>
/// The server's side of the Model Context Protocol, whatever carries it: each request is answered by what it says itself. Requests that say which revision they speak get that of 2026-07-28, all
/// others one of those with a handshake.
/// </summary>
internal sealed class McpServer
{
    // A list that does not change while the server runs.
    private const int ListMs = 3_600_000;

    private readonly ToolHost _host;
    private readonly IReadOnlyList<Tool> _tools;

    public McpServer(ToolHost host, IReadOnlyList<Tool> tools)
    {
        (_host, _tools) = (host, tools);
        // Without escapes that JSON does not need: models pay by length.
        var json = new DocumentJson(new JsonSerializerOptions(DocumentJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).JsonElement;
        Methods = new RpcMethods()
            .Add("initialize", json, json, static (parameters, _) => Task.FromResult(Initialize(parameters)))
            .Add("server/discover", json, json, static (parameters, _) => Task.FromResult(Discover(parameters)))
            .Add("ping", json, json, static (_, _) => Task.FromResult(Json.Element(static _ => { })))
            .Add("tools/list", json, json, (parameters, _) => Task.FromResult(List(parameters)))
            .Add("tools/call", json, json, CallAsync)
            .AddNotification("notifications/initialized", json, static (_, _) => Task.CompletedTask);
    }

    public RpcMethods Methods { get; }

    /// <summary>Whether a request says itself which revision it speaks; where it is none of ours, it is refused.</summary>
    public static bool IsModern(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("_meta", out var meta) || meta.ValueKind != JsonValueKind.Object || !meta.TryGetProperty(McpProtocol.VersionKey, out var version))
            return false;
        var asked = version.ValueKind == JsonValueKind.String ? version.GetString()! : throw new RpcErrorException(McpProtocol.InvalidParameters, $"_meta: {McpProtocol.VersionKey} is no text.");
        if (asked != McpProtocol.Modern)
        {
            throw new RpcErrorException(McpProtocol.UnsupportedVersion, "Unsupported protocol version", Json.Element(writer =>
            {
                WriteVersions(writer, "supported");
                writer.WriteString("requested", asked);
            }));
        }
        if (!meta.TryGetProperty(McpProtocol.CapabilitiesKey, out var capabilities) || capabilities.ValueKind != JsonValueKind.Object)
            throw new RpcErrorException(McpProtocol.InvalidParameters, $"_meta: {McpProtocol.CapabilitiesKey} is missing.");
        return true;
    }

    private static JsonElement Initialize(JsonElement parameters)
    {
        var asked = parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("protocolVersion", out var version) && version.ValueKind == JsonValueKind.String ? version.GetString() : null;
        return Json.Element(writer =>
        {
            writer.WriteString("protocolVersion", McpProtocol.LegacyVersions.Contains(asked) ? asked : McpProtocol.Legacy);
            WriteCapabilities(writer);
            McpProtocol.WriteServer(writer, "serverInfo");
            writer.WriteString("instructions", McpProtocol.Instructions);
        });
    }

    private static JsonElement Discover(JsonElement parameters)
    {
        if (!IsModern(parameters))
            throw new RpcErrorException(McpProtocol.InvalidParameters, $"_meta: {McpProtocol.VersionKey} is missing.");
        return Json.Element(static writer =>
        {
            McpProtocol.WriteResultHead(writer);
            WriteVersions(writer, "supportedVersions");
            WriteCapabilities(writer);
            McpProtocol.WriteServer(writer, "serverInfo");
            writer.WriteString("instructions", McpProtocol.Instructions);
            writer.WriteNumber("ttlMs", ListMs);
            writer.WriteString("cacheScope", "private");
        });
    }

    private static void WriteVersions(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartArray(name);
        writer.WriteStringValue(McpProtocol.Modern);
        foreach (var version in McpProtocol.LegacyVersions)
            writer.WriteStringValue(version);
        writer.WriteEndArray();
    }

    private static void WriteCapabilities(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("capabilities");
        writer.WriteStartObject("tools");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private JsonElement List(JsonElement parameters)
    {
        var isModern = IsModern(parameters);
        return Json.Element(writer =>
        {
            if (isModern)
                McpProtocol.WriteResultHead(writer);
            writer.WriteStartArray("tools");
            foreach (var tool in _tools)
            {
                writer.WriteStartObject();
                ToolSchema.Write(writer, tool);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            if (!isModern)
                return;
            writer.WriteNumber("ttlMs", ListMs);
            writer.WriteString("cacheScope", "private");
        });
    }

    private async Task<JsonElement> CallAsync(JsonElement parameters, RpcCall call, CancellationToken cancellationToken)
    {
        var isModern = IsModern(parameters);
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
            throw new RpcErrorException(McpProtocol.InvalidParameters, "tools/call needs the name of a tool.");
        var tool = _tools.FirstOrDefault(tool => name.ValueEquals(tool.Name)) ?? throw new RpcErrorException(McpProtocol.InvalidParameters, "Unknown tool.");
        var arguments = parameters.TryGetProperty("arguments", out var given) ? given : default;
        var token = parameters.TryGetProperty("_meta", out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("progressToken", out var asked) ? asked : default;
        var startedAt = _host.Clock.GetTimestamp();
        var progress = new ProgressNotes(call, token, _host.Clock, cancellationToken);
        var answer = await ToolCalling.RunAsync(tool, arguments, _host, progress, cancellationToken);
        await progress.EndAsync();
        return AnswerDocument.Write(answer, _host, _host.Clock.GetElapsedTime(startedAt), isModern);
    }
}
