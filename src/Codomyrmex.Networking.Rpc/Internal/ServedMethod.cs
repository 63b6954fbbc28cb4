using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>A method that the peer may call, JSON in, JSON out: with one answer or with a stream of items.</summary>
internal sealed class ServedMethod
{
    private readonly Func<JsonElement, RpcCall, CancellationToken, Task<byte[]>>? _serve;
    private readonly Func<JsonElement, RpcCall, CancellationToken, IAsyncEnumerable<byte[]>>? _stream;

    public ServedMethod(Func<JsonElement, RpcCall, CancellationToken, Task<byte[]>> serve) => _serve = serve;

    public ServedMethod(Func<JsonElement, RpcCall, CancellationToken, IAsyncEnumerable<byte[]>> stream) => _stream = stream;

    public bool IsStream => _stream is not null;

    public Task<byte[]> RunAsync(JsonElement parameters, RpcCall call, CancellationToken cancellationToken) => _serve!(parameters, call, cancellationToken);

    public IAsyncEnumerable<byte[]> StreamAsync(JsonElement parameters, RpcCall call, CancellationToken cancellationToken) => _stream!(parameters, call, cancellationToken);

    /// <summary>Reads parameters. A single one by position is the value itself, unless a list is wanted.</summary>
    /// <exception cref="JsonException">They are of another form.</exception>
    public static T? Read<T>(JsonElement parameters, JsonTypeInfo<T> type)
    {
        if (parameters.ValueKind == JsonValueKind.Array && type.Kind != JsonTypeInfoKind.Enumerable && parameters.GetArrayLength() <= 1)
            parameters = parameters.GetArrayLength() == 0 ? default : parameters[0];
        return parameters.ValueKind == JsonValueKind.Undefined ? default : parameters.Deserialize(type);
    }
}
