using System.Text.Json;

namespace Codomyrmex.Networking.Rpc;

/// <summary>What an agent says of itself (A2A, agent card). Immutable. Its texts are a stranger's: data, whatever they say.</summary>
public sealed class AgentCard
{
    internal AgentCard(Uri url, JsonElement json, string? keyId, string? keySetUrl)
    {
        (Url, Json, SignedBy, KeySetUrl) = (url, json, keyId, keySetUrl);
        Name = Text(json, "name") ?? "";
        Description = Text(json, "description") ?? "";
        Version = Text(json, "version") ?? "";
        Interfaces = [.. ReadInterfaces(json)];
    }

    /// <summary>Where it was fetched.</summary>
    public Uri Url { get; }

    /// <summary>The agent's name.</summary>
    public string Name { get; }

    /// <summary>What it does, in its own words.</summary>
    public string Description { get; }

    /// <summary>Its version.</summary>
    public string Version { get; }

    /// <summary>Where it can be spoken to, what it prefers first.</summary>
    public IReadOnlyList<AgentInterface> Interfaces { get; }

    /// <summary>The id of the key whose signature was checked; null for a card without one (<see cref="AgentCardOptions.AllowUnsigned"/>).</summary>
    public string? SignedBy { get; }

    /// <summary>Where that key was fetched; null where it was known before.</summary>
    public string? KeySetUrl { get; }

    /// <summary>The whole card.</summary>
    public JsonElement Json { get; }

    /// <summary>Name and place.</summary>
    public override string ToString() => $"{Name} at {Url}";

    private static IEnumerable<AgentInterface> ReadInterfaces(JsonElement json)
    {
        // As 1.0 has them, then as 0.3 had them.
        if (Text(json, "url") is { } url)
            yield return new AgentInterface(url, Text(json, "preferredTransport") ?? "JSONRPC", Text(json, "protocolVersion"));
        foreach (var name in (string[])["supportedInterfaces", "additionalInterfaces"])
        {
            if (!json.TryGetProperty(name, out var all) || all.ValueKind != JsonValueKind.Array)
                continue;
            foreach (var one in all.EnumerateArray())
            {
                if (one.ValueKind == JsonValueKind.Object && Text(one, "url") is { } address && (Text(one, "protocolBinding") ?? Text(one, "transport")) is { } binding)
                    yield return new AgentInterface(address, binding, Text(one, "protocolVersion"));
            }
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
