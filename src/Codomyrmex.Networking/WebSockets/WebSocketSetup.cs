using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.WebSockets.Internal;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets;

/// <summary>A new connection before anybody else uses it: see <see cref="WebSocketOptions.OnConnected"/>. Of no use after that has returned.</summary>
public sealed class WebSocketSetup : IMessageSender
{
    private readonly Connection _connection;

    internal WebSocketSetup(Connection connection, WebSocketGap? gap)
    {
        _connection = connection;
        Gap = gap;
    }

    /// <summary>What lies between the last connection and this one; null for the first.</summary>
    public WebSocketGap? Gap { get; }

    /// <summary>The subprotocol that the server chose; null where none was offered.</summary>
    public string? Subprotocol => _connection.Handshake.Subprotocol;

    /// <summary>Sends text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Cancels the wait for room.</param>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default) => Payload.SendTextAsync(this, text, compress: true, cancellationToken);

    /// <summary>Sends bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Cancels the wait for room.</param>
    [OverloadResolutionPriority(1)]
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        _connection.Sender.SendAsync(Opcode.Binary, bytes, compress: true, cancellationToken);

    /// <summary>Sends a value as JSON, by reflection.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Cancels the wait for room.</param>
    [RequiresUnreferencedCode("Writes by reflection; with trimming, use the overload that takes a JsonTypeInfo.")]
    [RequiresDynamicCode("Writes by reflection; with native AOT, use the overload that takes a JsonTypeInfo.")]
    public ValueTask SendAsync<T>(T value, CancellationToken cancellationToken = default) => Payload.SendJsonAsync(this, value, compress: true, cancellationToken);

    /// <summary>Sends a value as JSON.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="typeInfo">How to write it.</param>
    /// <param name="cancellationToken">Cancels the wait for room.</param>
    public ValueTask SendAsync<T>(T value, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default) =>
        Payload.SendJsonAsync(this, value, typeInfo, compress: true, cancellationToken);

    /// <summary>Receives the next message.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="WebSocketException">The connection ended.</exception>
    public async ValueTask<WebSocketMessage> ReceiveAsync(CancellationToken cancellationToken = default) =>
        await _connection.Receiver.ReceiveAsync(cancellationToken).ConfigureAwait(false) ??
        throw ((await _connection.Ended.WaitAsync(cancellationToken).ConfigureAwait(false)).Failure ?? WebSocketFailure.Closed(_connection.Endpoint));

    ValueTask IMessageSender.SendAsync(WebSocketMessageKind kind, ReadOnlyMemory<byte> payload, bool compress, CancellationToken cancellationToken) =>
        _connection.Sender.SendAsync(kind == WebSocketMessageKind.Text ? Opcode.Text : Opcode.Binary, payload, compress, cancellationToken);
}
