using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Http.Internal;

[JsonSerializable(typeof(CookieFile))]
[JsonSerializable(typeof(HstsFile))]
internal sealed partial class StateJson : JsonSerializerContext
{
    /// <summary>For files that people may look into, and that are never put into a page.</summary>
    public static StateJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<CookieSameSite>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    });
}
