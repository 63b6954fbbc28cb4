using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Text and JSON as the bytes of a message, in memory of the pool that is given back when the message has been accepted.</summary>
internal static class Payload
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [ThreadStatic]
    private static JsonPayload? _json;

    /// <summary>Sends text.</summary>
    /// <exception cref="ArgumentException">It holds half a character, which UTF-8 cannot say.</exception>
    public static ValueTask SendTextAsync(IMessageSender sender, string text, bool compress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length) is var most && most <= 1024 ? most : Strict.GetByteCount(text));
        try
        {
            var count = Strict.GetBytes(text, bytes);
            return ReturnWhenSent(sender.SendAsync(WebSocketMessageKind.Text, bytes.AsMemory(0, count), compress, cancellationToken), bytes);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(bytes);
            throw;
        }
    }

    /// <summary>Sends a value as JSON.</summary>
    public static ValueTask SendJsonAsync<T>(IMessageSender sender, T value, JsonTypeInfo<T> typeInfo, bool compress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        var json = _json ?? new JsonPayload();
        _json = null;
        JsonSerializer.Serialize(json.Begin(), value, typeInfo);
        return SendAsync(sender, json, compress, cancellationToken);
    }

    /// <summary>The same by reflection.</summary>
    [RequiresUnreferencedCode("Writes by reflection.")]
    [RequiresDynamicCode("Writes by reflection.")]
    public static ValueTask SendJsonAsync<T>(IMessageSender sender, T value, bool compress, CancellationToken cancellationToken)
    {
        var json = _json ?? new JsonPayload();
        _json = null;
        JsonSerializer.Serialize(json.Begin(), value, JsonSerializerOptions.Web);
        return SendAsync(sender, json, compress, cancellationToken);
    }

    private static ValueTask SendAsync(IMessageSender sender, JsonPayload json, bool compress, CancellationToken cancellationToken)
    {
        var sent = sender.SendAsync(WebSocketMessageKind.Text, json.Written, compress, cancellationToken);
        if (!sent.IsCompletedSuccessfully)
            return sent;
        // Of a message that waits, the memory is the collector's.
        _json = json;
        return sent;
    }

    private static ValueTask ReturnWhenSent(ValueTask sent, byte[] bytes)
    {
        if (!sent.IsCompletedSuccessfully)
            return AwaitAsync(sent, bytes);
        ArrayPool<byte>.Shared.Return(bytes);
        return sent;
    }

    private static async ValueTask AwaitAsync(ValueTask sent, byte[] bytes)
    {
        await sent.ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
