using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>JSON settings for the overloads by reflection: web naming, no polymorphism by names in the data.</summary>
internal static class JsonDefaults
{
    [field: AllowNull]
    public static JsonSerializerOptions Web => field ??= new JsonSerializerOptions(JsonSerializerDefaults.Web);
}
