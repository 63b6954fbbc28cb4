using System.Text.Json;
using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Reads JSON of any shape, as deep as other languages' readers go by default or nearly so.</summary>
[JsonSourceGenerationOptions(MaxDepth = 512)]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class DocumentJson : JsonSerializerContext;
