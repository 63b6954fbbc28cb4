using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Writes one JSON document as one line.</summary>
internal static class JsonOutput
{
    public static void Write(Stream output, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        buffer.Write("\n"u8);
        output.Write(Escape(buffer.WrittenSpan));
        output.Flush();
    }

    /// <summary>Writes a JSON document that is on one line already, with every number and escape as it came.</summary>
    public static void WriteRaw(Stream output, string json)
    {
        output.Write(Escape(Encoding.UTF8.GetBytes(json + "\n")));
        output.Flush();
    }

    /// <summary>
    /// Escapes what JSON allows in a string but a terminal should not see: C1 controls and direction overrides. Outside strings, JSON
    /// has only ASCII.
    /// </summary>
    private static ReadOnlySpan<byte> Escape(ReadOnlySpan<byte> json)
    {
        if (!json.ContainsAny<byte>([0x7F, 0xC2, 0xD8, 0xE2]))
            return json;
        var text = Encoding.UTF8.GetString(json);
        var output = new StringBuilder(text.Length + 64);
        foreach (var c in text)
        {
            if (c > '\x7e' && ControlText.IsHarmful(c, keepLines: true))
                output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                output.Append(c);
        }
        return Encoding.UTF8.GetBytes(output.ToString());
    }
}
