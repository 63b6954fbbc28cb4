using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.WebSockets.Internal;

namespace Codomyrmex.Networking.WebSockets;

/// <summary>
/// A message as it was received. Its bytes lie where they arrived, and are valid until the next message is asked for: to keep them, <see cref="Copy"/> it.
/// Use after that throws.
/// </summary>
public readonly struct WebSocketMessage
{
    private readonly MessageReceiver? _receiver;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _version;

    internal WebSocketMessage(MessageReceiver? receiver, int version, WebSocketMessageKind kind, ReadOnlyMemory<byte> bytes)
    {
        _receiver = receiver;
        _version = version;
        Kind = kind;
        _bytes = bytes;
    }

    /// <summary>Whether it is text or bytes.</summary>
    public WebSocketMessageKind Kind { get; }

    /// <summary>Whether it is text.</summary>
    public bool IsText => Kind == WebSocketMessageKind.Text;

    /// <summary>Its length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Its bytes, of text those of its UTF-8: no copy, valid until the next message is asked for.</summary>
    /// <exception cref="InvalidOperationException">The next message has been asked for.</exception>
    public ReadOnlyMemory<byte> Bytes => _receiver is null || _receiver.Version == _version ? _bytes
        : throw new InvalidOperationException("The bytes of a message are valid until the next one is asked for. To keep a message, Copy() it.");

    /// <summary>Its text.</summary>
    /// <exception cref="InvalidOperationException">It is binary, or the next message has been asked for.</exception>
    public string Text => IsText ? Encoding.UTF8.GetString(Bytes.Span) : throw new InvalidOperationException("The message is binary; see Bytes.");

    /// <summary>Its bytes, copied.</summary>
    public byte[] ToArray() => Bytes.ToArray();

    /// <summary>The message with bytes of its own, valid for ever.</summary>
    public WebSocketMessage Copy() => new(null, 0, Kind, ToArray());

    /// <summary>Reads it as JSON, by reflection.</summary>
    /// <typeparam name="T">The type to read.</typeparam>
    /// <exception cref="JsonException">It is not JSON of that form.</exception>
    [RequiresUnreferencedCode("Reads by reflection; with trimming, use the overload that takes a JsonTypeInfo.")]
    [RequiresDynamicCode("Reads by reflection; with native AOT, use the overload that takes a JsonTypeInfo.")]
    public T? Json<T>() => JsonSerializer.Deserialize<T>(Bytes.Span, JsonSerializerOptions.Web);

    /// <summary>Reads it as JSON.</summary>
    /// <typeparam name="T">The type to read.</typeparam>
    /// <param name="typeInfo">How to read it.</param>
    /// <exception cref="JsonException">It is not JSON of that form.</exception>
    public T? Json<T>(JsonTypeInfo<T> typeInfo) => JsonSerializer.Deserialize(Bytes.Span, typeInfo);

    /// <summary>The text, or how many bytes there are. As it came: escape it before it is shown on a terminal.</summary>
    public override string ToString() => IsText ? Text : string.Create(CultureInfo.InvariantCulture, $"[{Length} bytes]");
}
