using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>A method that the peer may call: JSON in, JSON out.</summary>
internal sealed class ServedMethod(Func<JsonElement, CancellationToken, Task<byte[]>> serve)
{
    public Task<byte[]> RunAsync(JsonElement parameters, CancellationToken cancellationToken) => serve(parameters, cancellationToken);

    /// <summary>Reads parameters. A single one by position is the value itself, unless a list is wanted.</summary>
    /// <exception cref="JsonException">They are of another form.</exception>
    public static T? Read<T>(JsonElement parameters, JsonTypeInfo<T> type)
    {
        if (parameters.ValueKind == JsonValueKind.Array && type.Kind != JsonTypeInfoKind.Enumerable && parameters.GetArrayLength() <= 1)
            parameters = parameters.GetArrayLength() == 0 ? default : parameters[0];
        return parameters.ValueKind == JsonValueKind.Undefined ? default : parameters.Deserialize(type);
    }
}
