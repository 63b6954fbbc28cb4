using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Codomyrmex.Networking.Sockets;

public sealed partial class TCPConnection
{
    private const string ReflectionJson = "JSON by reflection; use the overload with JsonTypeInfo in trimmed programs and under Native AOT.";

    private ArrayBufferWriter<byte>? _json;

    /// <summary>Sends an object as JSON, one document a frame: with <see cref="Framing.Lines"/>, JSON lines.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="value">The object.</param>
    /// <param name="typeInfo">Its metadata.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public async ValueTask SendJsonAsync<T>(T value, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        // Taken by one sender at a time; who comes meanwhile makes one of its own.
        var buffer = Interlocked.Exchange(ref _json, null) ?? new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            JsonSerializer.Serialize(writer, value, typeInfo);
        await SendAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        buffer.ResetWrittenCount();
        if (buffer.Capacity <= 16 * 1024)
            Volatile.Write(ref _json, buffer);
    }

    /// <summary>Sends an object as JSON by reflection, with web naming.</summary>
    /// <inheritdoc cref="SendJsonAsync{T}(T, JsonTypeInfo{T}, CancellationToken)"/>
    [RequiresUnreferencedCode(ReflectionJson)]
    [RequiresDynamicCode(ReflectionJson)]
    public ValueTask SendJsonAsync<T>(T value, CancellationToken cancellationToken = default) =>
        SendAsync(JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web), cancellationToken);

    /// <summary>Receives a frame and reads it as JSON.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="typeInfo">Its metadata.</param>
    /// <param name="cancellationToken">Cancels the call; nothing is lost.</param>
    /// <exception cref="ConnectionException"><c>tcp.frame_malformed</c>: the frame is not the JSON expected. The next one can be received all the same.</exception>
    /// <inheritdoc cref="ReceiveAsync" path="/exception"/>
    public async ValueTask<T?> ReceiveJsonAsync<T>(JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        var frame = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(frame.Span, typeInfo);
        }
        catch (JsonException error)
        {
            throw NotJson(error);
        }
    }

    /// <summary>Receives a frame and reads it as JSON by reflection, with web naming.</summary>
    /// <inheritdoc cref="ReceiveJsonAsync{T}(JsonTypeInfo{T}, CancellationToken)"/>
    [RequiresUnreferencedCode(ReflectionJson)]
    [RequiresDynamicCode(ReflectionJson)]
    public async ValueTask<T?> ReceiveJsonAsync<T>(CancellationToken cancellationToken = default)
    {
        var frame = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize<T>(frame.Span, JsonSerializerOptions.Web);
        }
        catch (JsonException error)
        {
            throw NotJson(error);
        }
    }

    private NetworkException NotJson(JsonException error) =>
        Failure(ErrorCodes.TcpFrameMalformed, $"{Endpoint} sent a frame that is not the JSON expected: {error.Message}", NetworkPhase.Receive).ToException(error);
}
