using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>Makes JSON values out of what is written.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object with the members that are written.</summary>
    public static JsonElement Element(Action<Utf8JsonWriter> members) => JsonElement.Parse(Bytes(members).Span);

    /// <summary>The same, as text in UTF-8.</summary>
    public static ReadOnlyMemory<byte> Bytes(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
