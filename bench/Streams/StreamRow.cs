using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Benchmarks.Streams;

internal sealed record StreamRow(int Id, string Name, decimal Price, string[] Tags, bool Stock);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StreamRow))]
internal sealed partial class StreamRowJson : JsonSerializerContext;
