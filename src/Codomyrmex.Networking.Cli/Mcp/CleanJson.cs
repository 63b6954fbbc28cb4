using System.Text.Json;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>Copies JSON with every text in it made harmless: one place, which no tool can forget.</summary>
internal static class CleanJson
{
    /// <summary>Writes a value.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="json">The value.</param>
    /// <param name="removed">How many characters were left out.</param>
    public static void Copy(Utf8JsonWriter writer, JsonElement json, ref long removed)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in json.EnumerateObject())
                {
                    writer.WritePropertyName(UntrustedText.Clean(member.Name, ref removed));
                    Copy(writer, member.Value, ref removed);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                    Copy(writer, item, ref removed);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(UntrustedText.Clean(json.GetString()!, ref removed));
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }
}
