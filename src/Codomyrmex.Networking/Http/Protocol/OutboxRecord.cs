using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>
/// A line of an outbox's journal: the beginning of a hash, a space, an object in JSON. Without <see cref="Method"/> it says that the request of that key is done. Pure.
/// </summary>
internal sealed record OutboxRecord(string Key, string? Method = null)
{
    private const int HashLength = 16;

    public string Url { get; init; } = "";

    public DateTimeOffset AddedAt { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public byte[]? Body { get; init; }

    public string? ContentType { get; init; }

    public string? ContentEncoding { get; init; }

    /// <summary>The line, its end included.</summary>
    public byte[] ToLine()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("key", Key);
            if (Method is not null)
            {
                writer.WriteString("method", Method);
                writer.WriteString("url", Url);
                writer.WriteString("at", AddedAt.ToString("O", CultureInfo.InvariantCulture));
                writer.WriteStartArray("headers");
                foreach (var (name, value) in Headers)
                {
                    writer.WriteStringValue(name);
                    writer.WriteStringValue(value);
                }
                writer.WriteEndArray();
                if (Body is not null)
                    writer.WriteBase64String("body", Body);
                writer.WriteString("type", ContentType);
                writer.WriteString("encoding", ContentEncoding);
            }
            writer.WriteEndObject();
        }
        var json = buffer.WrittenSpan;
        return [.. Encoding.ASCII.GetBytes(Hash(json)), (byte)' ', .. json, (byte)'\n'];
    }

    /// <summary>Reads a line without its end; null where it is not whole.</summary>
    public static OutboxRecord? Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length <= HashLength || line[HashLength] != ' ' || !Ascii.Equals(line[..HashLength], Hash(line[(HashLength + 1)..])))
            return null;
        try
        {
            var reader = new Utf8JsonReader(line[(HashLength + 1)..]);
            using var document = JsonDocument.ParseValue(ref reader);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static OutboxRecord Read(JsonElement root)
    {
        var key = root.GetProperty("key").GetString() ?? throw new FormatException();
        if (!root.TryGetProperty("method", out var method))
            return new OutboxRecord(key);
        var parts = root.GetProperty("headers").EnumerateArray().Select(static part => part.GetString() ?? throw new FormatException()).ToArray();
        return new OutboxRecord(key, method.GetString() ?? throw new FormatException())
        {
            Url = root.GetProperty("url").GetString() ?? throw new FormatException(),
            AddedAt = root.GetProperty("at").GetDateTimeOffset(),
            Headers = [.. parts.Chunk(2).Select(static pair => pair.Length == 2 ? KeyValuePair.Create(pair[0], pair[1]) : throw new FormatException())],
            Body = root.TryGetProperty("body", out var body) ? body.GetBytesFromBase64() : null,
            ContentType = root.GetProperty("type").GetString(),
            ContentEncoding = root.GetProperty("encoding").GetString(),
        };
    }

    private static string Hash(ReadOnlySpan<byte> json) => Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, HashLength / 2));
}
