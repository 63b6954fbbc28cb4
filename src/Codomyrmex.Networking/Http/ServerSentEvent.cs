using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>One server-sent event (WHATWG HTML, section 9.2).</summary>
/// <param name="Type">Its type: <c>message</c> where the server names none.</param>
/// <param name="Data">Its data; several lines are separated by LF.</param>
public readonly record struct ServerSentEvent(string Type, string Data)
{
    /// <summary>The identifier that the server gave since the event before; empty where it took the last one back, null where it gave none.</summary>
    public string? Id { get; init; }

    /// <summary>The wait before reconnecting that the server named since the event before; null where it named none.</summary>
    public TimeSpan? Retry { get; init; }

    /// <summary>The data as an object, by source-generated metadata: fit for trimming and Native AOT.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="typeInfo">Its metadata.</param>
    /// <exception cref="HTTPException">The data is not such JSON (<c>http.decode</c>).</exception>
    public T? Json<T>(JsonTypeInfo<T> typeInfo)
    {
        try
        {
            return JsonSerializer.Deserialize(Data, typeInfo);
        }
        catch (JsonException error)
        {
            throw StreamFailure.NotJson($"The data of an event of type '{Type}'{(Id is null ? "" : $", id '{Id}',")}", null, error);
        }
    }

    /// <summary>The data as an object, by reflection with web naming.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <exception cref="HTTPException">The data is not such JSON (<c>http.decode</c>).</exception>
    [RequiresUnreferencedCode("JSON by reflection; use the overload with JsonTypeInfo in trimmed programs.")]
    [RequiresDynamicCode("JSON by reflection; use the overload with JsonTypeInfo under Native AOT.")]
    public T? Json<T>() => Json(JsonDefaults.TypeInfo<T>());
}
