using System.Text.Json;
using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Benchmarks.Workers;

[JsonSerializable(typeof(CatalogueItem[]))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class CatalogueJson : JsonSerializerContext;
