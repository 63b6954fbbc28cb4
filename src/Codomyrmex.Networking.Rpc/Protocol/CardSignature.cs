using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>A signature on an agent's card: a JSON Web Signature (RFC 7515) whose payload is the card itself (A2A 1.0, section 8.4).</summary>
/// <param name="Algorithm">How it was made.</param>
/// <param name="KeyId">Which key made it.</param>
/// <param name="KeySetUrl">Where that key is, as the signer says; null where it does not.</param>
/// <param name="Protected">The signed head, as it was written.</param>
/// <param name="Value">The signature itself.</param>
internal sealed record CardSignature(string Algorithm, string KeyId, string? KeySetUrl, string Protected, byte[] Value)
{
    /// <summary>More than a key's rotation needs are not looked at.</summary>
    private const int Most = 8;

    // Lists that stand in a card even where they are empty, since they are required (section 8.4.1).
    private static readonly string[] RequiredLists = ["skills", "defaultInputModes", "defaultOutputModes", "supportedInterfaces", "tags", "scopes"];

    /// <summary>The signatures of a card that can be checked; what is none is passed over.</summary>
    public static IReadOnlyList<CardSignature> ReadAll(JsonElement card) =>
        card.ValueKind == JsonValueKind.Object && card.TryGetProperty("signatures", out var all) && all.ValueKind == JsonValueKind.Array
            ? [.. all.EnumerateArray().Take(Most).Select(Read).OfType<CardSignature>()]
            : [];

    /// <summary>What was signed: the forms that the card may have had when it was.</summary>
    /// <exception cref="FormatException">The card has no canonical form.</exception>
    public static IEnumerable<string> Payloads(JsonElement card)
    {
        yield return Base64Url.EncodeToString(CanonicalJson.Write(card, "signatures"));
        // A server that writes empty lists where its signer left them out means the same card.
        var pruned = new MemoryStream();
        using (var writer = new Utf8JsonWriter(pruned))
            WritePruned(writer, card);
        yield return Base64Url.EncodeToString(CanonicalJson.Write(JsonElement.Parse(pruned.ToArray()), "signatures"));
    }

    /// <summary>Whether a key made it over that payload.</summary>
    public bool IsBy(JsonWebKey key, string payload) => key.Id == KeyId && key.Verifies(Algorithm, Encoding.ASCII.GetBytes($"{Protected}.{payload}"), Value);

    private static CardSignature? Read(JsonElement json)
    {
        try
        {
            if (json.ValueKind != JsonValueKind.Object || Text(json, "protected") is not { } head || Text(json, "signature") is not { } signature || !Base64Url.IsValid(head) || !Base64Url.IsValid(signature))
                return null;
            var fields = JsonElement.Parse(Base64Url.DecodeFromChars(head), new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            // Extensions that must be understood (section 4.1.11): none is.
            if (fields.ValueKind != JsonValueKind.Object || fields.TryGetProperty("crit", out _) || Text(fields, "alg") is not { } algorithm || Text(fields, "kid") is not { } key)
                return null;
            return new CardSignature(algorithm, key, Text(fields, "jku"), head, Base64Url.DecodeFromChars(signature));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void WritePruned(Utf8JsonWriter writer, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in json.EnumerateObject())
                {
                    if (member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() == 0 && !RequiredLists.Contains(member.Name))
                        continue;
                    writer.WritePropertyName(member.Name);
                    WritePruned(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                    WritePruned(writer, item);
                writer.WriteEndArray();
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }
}
