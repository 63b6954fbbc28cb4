using System.Text.Json;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Storage;

/// <summary>The state of grains as JSON: text, since the Redis provider stores no other, and for people to read.</summary>
internal sealed class JsonStateSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options)!;
}
