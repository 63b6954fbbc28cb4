using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>JSON settings for the overloads by reflection: web naming, no polymorphism by names in the data.</summary>
internal static class JsonDefaults
{
    [field: AllowNull]
    public static JsonSerializerOptions Web => field ??= new JsonSerializerOptions(JsonSerializerDefaults.Web);

    [RequiresUnreferencedCode("JSON by reflection.")]
    [RequiresDynamicCode("JSON by reflection.")]
    public static JsonTypeInfo<T> TypeInfo<T>()
    {
        Web.MakeReadOnly(populateMissingResolver: true);
        return (JsonTypeInfo<T>)Web.GetTypeInfo(typeof(T));
    }
}
