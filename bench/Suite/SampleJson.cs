using System.Text.Json;
using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>Samples as workers print them: one line of JSON.</summary>
[JsonSerializable(typeof(Sample))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class SampleJson : JsonSerializerContext;
