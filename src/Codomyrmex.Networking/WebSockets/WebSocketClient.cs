using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.WebSockets.Internal;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets;

/// <summary>
/// A WebSocket to a server (RFC 6455): sends text, bytes and JSON, and is itself the sequence of messages that come back. Any number of callers may send
/// at the same time; one at a time receives.
/// </summary>
/// <remarks>
/// <para>A message is accepted when its send is done: it lies in the send queue then, and leaves at once or with those before it. What was accepted and
/// could not leave goes out on the next connection, where <see cref="WebSocketOptions.Reconnect"/> allows one. What has left may still be lost with its
/// connection: only an answer of the server proves that it arrived.</para>
/// <para>The sequence of messages ends when the conversation does: the server closed with 1000, 1001 or no code, or <see cref="CloseAsync"/> was called.
/// Any other end is an exception, after all that had arrived has been handed out.</para>
/// </remarks>
public sealed class WebSocketClient : IAsyncEnumerable<WebSocketMessage>, IMessageSender, IAsyncDisposable
{
    private const string ReflectionJson = "Writes by reflection; with trimming or native AOT, use the overload that takes a JsonTypeInfo.";

    private readonly Succession _succession;
    private readonly Func<WebSocketMessage, bool>? _isReply;
    private Link _receiving;
    private bool _isDisposed;

    private WebSocketClient(WebSocketUrl url, WebSocketOptions options, Succession succession)
    {
        Url = url.Uri;
        _isReply = options.Heartbeat?.IsReply;
        _succession = succession;
        _receiving = succession.First;
    }

    /// <summary>The URL as given, without user and password.</summary>
    public Uri Url { get; }

    /// <summary>What the connection lies on, the lowest layer first, and how long each took; empty over HTTP/2.</summary>
    public IReadOnlyList<TransportLayer> Layers => Current.Handshake.Layers;

    /// <summary>The subprotocol that the server chose; null where none was offered.</summary>
    public string? Subprotocol => Current.Handshake.Subprotocol;

    /// <summary>Whether the latest connection is a stream of an HTTP/2 connection (RFC 8441).</summary>
    public bool IsHttp2 => Current.Handshake.IsHttp2;

    /// <summary>Whether messages may be compressed on the latest connection.</summary>
    public bool IsCompressed => Current.Handshake.Compression is not null;

    /// <summary>The fields of the server's answer to the latest handshake.</summary>
    public HeaderMap Headers => Current.Handshake.Fields;

    /// <summary>The time from a ping to its answer, of the last one answered; null before that.</summary>
    public TimeSpan? RoundTripTime => Current.RoundTripTime;

    /// <summary>How the conversation ended; null while it goes on.</summary>
    public WebSocketClose? Closed => _succession.Closed;

    /// <summary>Messages that the latest connection dropped, since the send queue was full; see <see cref="WhenQueueFull.Drop"/>.</summary>
    public long DroppedMessages => Current.Sender.Dropped;

    private Connection Current => _succession.Current.Connection;

    /// <summary>Connects.</summary>
    /// <param name="url">The URL, <c>ws</c> or <c>wss</c> (RFC 6455, section 3).</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="ArgumentException">The URL or an option is wrong.</exception>
    /// <exception cref="NetworkException">It could not connect; a <see cref="WebSocketException"/> with status, fields and body where the server refused.</exception>
    public static async Task<WebSocketClient> ConnectAsync(string url, WebSocketOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= WebSocketOptions.Default;
        options.Validate();
        var parsed = WebSocketUrl.Parse(url, nameof(url));
        return new WebSocketClient(parsed, options, await Succession.BeginAsync(parsed, options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Sends text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the queue, not what has been accepted.</param>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair.</exception>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default) => Payload.SendTextAsync(this, text, compress: true, cancellationToken);

    /// <summary>Sends bytes. They are copied before the call is done, or before it has to wait.</summary>
    /// <param name="bytes">The bytes; they must not change before the call is done.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the queue, not what has been accepted.</param>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    [OverloadResolutionPriority(1)]
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        SendAsync(WebSocketMessageKind.Binary, bytes, compress: true, cancellationToken);

    /// <summary>Sends a value as JSON, by reflection, with the web's names (camelCase).</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the queue, not what has been accepted.</param>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    [RequiresUnreferencedCode(ReflectionJson)]
    [RequiresDynamicCode(ReflectionJson)]
    public ValueTask SendAsync<T>(T value, CancellationToken cancellationToken = default) => Payload.SendJsonAsync(this, value, compress: true, cancellationToken);

    /// <summary>Sends a value as JSON.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="typeInfo">How to write it.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the queue, not what has been accepted.</param>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    public ValueTask SendAsync<T>(T value, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default) =>
        Payload.SendJsonAsync(this, value, typeInfo, compress: true, cancellationToken);

    /// <summary>Sends text that is UTF-8 already.</summary>
    /// <param name="utf8">The text; it must not change before the call is done.</param>
    /// <param name="compress">Whether it may be compressed, where that was agreed: false for what holds a secret beside text of somebody else.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the queue, not what has been accepted.</param>
    /// <exception cref="ArgumentException">It is not UTF-8.</exception>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    public ValueTask SendTextAsync(ReadOnlyMemory<byte> utf8, bool compress = true, CancellationToken cancellationToken = default)
    {
        if (!Utf8.IsValid(utf8.Span))
            throw new ArgumentException("The text is not UTF-8.", nameof(utf8));
        return SendAsync(WebSocketMessageKind.Text, utf8, compress, cancellationToken);
    }

    /// <summary>Sends bytes that are not to be compressed, or may be.</summary>
    /// <param name="bytes">The bytes; they must not change before the call is done.</param>
    /// <param name="compress">Whether they may be compressed, where that was agreed.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the queue, not what has been accepted.</param>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    public ValueTask SendBinaryAsync(ReadOnlyMemory<byte> bytes, bool compress = true, CancellationToken cancellationToken = default) =>
        SendAsync(WebSocketMessageKind.Binary, bytes, compress, cancellationToken);

    /// <summary>
    /// Begins a message that is written bit by bit, and sent in fragments: of any length, with no more than a part of it in memory.
    /// <see cref="WebSocketMessageWriter.CompleteAsync"/> ends the message; disposing the writer without that gives it up. Meanwhile other senders wait.
    /// </summary>
    /// <param name="kind">What the message is.</param>
    /// <param name="cancellationToken">Cancels the wait for the others.</param>
    /// <exception cref="NetworkException">The connection is lost or closed.</exception>
    public async ValueTask<WebSocketMessageWriter> OpenMessageAsync(WebSocketMessageKind kind, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var sender = Current.Sender;
        await sender.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        return new WebSocketMessageWriter(sender, OpcodeOf(kind));
    }

    /// <summary>Waits until all that was accepted so far has been handed to the system.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="NetworkException">The connection is lost.</exception>
    public Task FlushAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Current.Sender.FlushAsync(cancellationToken);
    }

    /// <summary>Receives the next message. Cancelled, it loses nothing.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The message, valid until the next is asked for; null where the conversation is over.</returns>
    /// <exception cref="NetworkException">The connection was lost, broke the protocol or a limit, or was closed with a code that says so.</exception>
    public ValueTask<WebSocketMessage?> ReceiveAsync(CancellationToken cancellationToken = default) =>
        _isReply is null && _receiving.Connection.Receiver.TryReceive(out var message) ? new(message) : ReceiveSlowlyAsync(cancellationToken);

    /// <summary>Receives the next message as a stream, while it arrives.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The stream; null where the conversation is over.</returns>
    /// <exception cref="NetworkException">As for <see cref="ReceiveAsync"/>.</exception>
    public async ValueTask<WebSocketMessageStream?> ReceiveStreamAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        do
        {
            if (await _receiving.Connection.Receiver.ReceiveStreamAsync(cancellationToken).ConfigureAwait(false) is { } stream)
                return stream;
        }
        while (await MoveOnAsync(cancellationToken).ConfigureAwait(false));
        return null;
    }

    /// <summary>Sends a ping and waits for its answer.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The time from one to the other.</returns>
    /// <exception cref="NetworkException">The connection ended before the answer came.</exception>
    public Task<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Current.PingAsync(cancellationToken);
    }

    /// <summary>
    /// Closes: what was accepted goes first, then the close; then the server has <see cref="WebSocketOptions.CloseTimeout"/> to close too. Messages that
    /// have arrived can still be received. No connection follows. Calling it again waits for the same end.
    /// </summary>
    /// <param name="code">The code.</param>
    /// <param name="reason">The reason, at most 123 bytes of UTF-8.</param>
    /// <param name="cancellationToken">Cancels the wait for the server; the connection is cut then.</param>
    /// <exception cref="ArgumentException">The code is none that is sent, or the reason is too long.</exception>
    public async Task CloseAsync(WebSocketCloseCode code = WebSocketCloseCode.NormalClosure, string reason = "", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (!ClosePayload.MayBeSent(code))
            throw new ArgumentOutOfRangeException(nameof(code), code, "The code is none that may be sent (RFC 6455, section 7.4).");
        if (System.Text.Encoding.UTF8.GetByteCount(reason) > ClosePayload.MaxReason)
            throw new ArgumentException($"A reason has at most {ClosePayload.MaxReason} bytes of UTF-8.", nameof(reason));
        _succession.Stop();
        await Current.CloseAsync(code, reason, cancellationToken).ConfigureAwait(false);
        await _succession.Over.ConfigureAwait(false);
    }

    /// <summary>The messages, one after the other; each is valid until the next is asked for. See <see cref="ReceiveAsync"/> for how it ends.</summary>
    /// <param name="cancellationToken">Ends the sequence.</param>
    public IAsyncEnumerator<WebSocketMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new MessageEnumerator(this, cancellationToken);

    /// <summary>Closes with code 1000 where that has not been done, and lets go of everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _succession.Stop();
        if (!Current.Ended.IsCompleted)
            await Current.CloseAsync(WebSocketCloseCode.NormalClosure, "", CancellationToken.None).ConfigureAwait(false);
        await _succession.DisposeAsync().ConfigureAwait(false);
    }

    ValueTask IMessageSender.SendAsync(WebSocketMessageKind kind, ReadOnlyMemory<byte> payload, bool compress, CancellationToken cancellationToken) =>
        SendAsync(kind, payload, compress, cancellationToken);

    private ValueTask SendAsync(WebSocketMessageKind kind, ReadOnlyMemory<byte> payload, bool compress, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _succession.Continues
            ? SendOverNextAsync(kind, payload, compress, cancellationToken)
            : Current.Sender.SendAsync(OpcodeOf(kind), payload, compress, cancellationToken);
    }

    /// <summary>Sends over the connection that is, or over the one that follows it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendOverNextAsync(WebSocketMessageKind kind, ReadOnlyMemory<byte> payload, bool compress, CancellationToken cancellationToken)
    {
        for (var link = _succession.Current; ;)
        {
            try
            {
                await link.Connection.Sender.SendAsync(OpcodeOf(kind), payload, compress, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (NetworkException error) when (_succession.Continues && error.Code != ErrorCodes.WsQueueFull)
            {
                link = await link.Next.WaitAsync(cancellationToken).ConfigureAwait(false) ?? throw WebSocketFailure.Closed(link.Connection.Endpoint);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WebSocketMessage?> ReceiveSlowlyAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        do
        {
            while (await _receiving.Connection.Receiver.ReceiveAsync(cancellationToken).ConfigureAwait(false) is { } message)
            {
                if (_isReply?.Invoke(message) != true)
                    return message;
            }
        }
        while (await MoveOnAsync(cancellationToken).ConfigureAwait(false));
        return null;
    }

    /// <summary>All of a connection has been received: what follows it?</summary>
    private async ValueTask<bool> MoveOnAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _receiving.Next.WaitAsync(cancellationToken).ConfigureAwait(false) is not { } next)
                return false;
            _receiving = next;
            return true;
        }
        catch (NetworkException failure)
        {
            throw WebSocketFailure.Again(failure);
        }
    }

    private static Opcode OpcodeOf(WebSocketMessageKind kind) => kind == WebSocketMessageKind.Text ? Opcode.Text : Opcode.Binary;
}
