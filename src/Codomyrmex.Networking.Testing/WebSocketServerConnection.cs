using System.Buffers.Binary;
using System.Text;
using Codomyrmex.Networking.Testing.Internal.WebSockets;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// One connection of a <see cref="WebSocketServer"/>, behind its handshake. Sending is thread-safe, and so are pings and the close; one caller at a time may
/// receive. What a client does against the protocol ends the connection as RFC 6455 says and is kept in <see cref="Violation"/>.
/// </summary>
public sealed class WebSocketServerConnection
{
    private readonly FaultyLink _link;
    private readonly FrameReader _reader;
    private readonly MessageBuilder _builder;
    private readonly Deflater? _deflater;
    private readonly WebSocketServerOptions _options;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly SemaphoreSlim _receiving = new(1, 1);
    private readonly Queue<WebSocketServerMessage> _messages = new();
    private readonly Queue<WebSocketServerFrame> _frames = new();
    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _pongs = [];
    private ulong _pings;
    private bool _hasEnded, _hasSentClose;

    internal WebSocketServerConnection(
        WebSocketHandshake handshake, string? subprotocol, DeflateAgreement? deflate, FaultyLink link, byte[] ahead, WebSocketServerOptions options)
    {
        Handshake = handshake;
        Subprotocol = subprotocol;
        Compression = deflate?.Answer;
        _link = link;
        _options = options;
        _reader = new FrameReader(link, ahead, new FrameRules(deflate is not null), options.MaxMessageBytes);
        _builder = new MessageBuilder(deflate is null ? null : new Inflater(deflate.ClientBits, deflate.ClientKeepsContext), options.MaxMessageBytes);
        _deflater = deflate is null ? null : new Deflater(deflate.ServerBits, deflate.ServerKeepsContext);
    }

    /// <summary>Which connection of the server this is, counted from 1.</summary>
    public int Number => Handshake.ConnectionNumber;

    /// <summary>The handshake that it began with.</summary>
    public WebSocketHandshake Handshake { get; }

    /// <summary>The subprotocol chosen, or null.</summary>
    public string? Subprotocol { get; }

    /// <summary>permessage-deflate as it was agreed on, such as <c>permessage-deflate; server_max_window_bits=10</c>; null where it was not.</summary>
    public string? Compression { get; }

    /// <summary>The latest frames from the client, the oldest first, with the beginning of their payloads.</summary>
    public IReadOnlyList<WebSocketServerFrame> Frames
    {
        get
        {
            lock (_lock)
                return [.. _frames];
        }
    }

    /// <summary>Whether neither side has closed, ended or broken off, as far as the server has read.</summary>
    public bool IsOpen => !Volatile.Read(ref _hasEnded) && !Volatile.Read(ref _hasSentClose) && CloseCode is null;

    /// <summary>The code of the client's close frame; 1005 for one without a code, null before there is one.</summary>
    public int? CloseCode { get; private set; }

    /// <summary>The reason in the client's close frame; null before there is one.</summary>
    public string? CloseReason { get; private set; }

    /// <summary>What the client did against the protocol; null for nothing.</summary>
    public string? Violation { get; private set; }

    /// <summary>Sends a text, compressed where that was agreed on.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SendTextAsync(string text, CancellationToken cancellationToken = default) =>
        SendMessageAsync(WebSocketOpcode.Text, Encoding.UTF8.GetBytes(text), cancellationToken);

    /// <summary>Sends bytes, compressed where that was agreed on.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SendBinaryAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        SendMessageAsync(WebSocketOpcode.Binary, bytes, cancellationToken);

    /// <summary>Sends what was received, as the same kind of message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SendAsync(WebSocketServerMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return SendMessageAsync(message.IsText ? WebSocketOpcode.Text : WebSocketOpcode.Binary, message.Bytes, cancellationToken);
    }

    /// <summary>Sends one frame, right or wrong, as it is told.</summary>
    /// <param name="opcode">The opcode.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="isFinal">Whether it ends its message.</param>
    /// <param name="rsv">The reserved bits: 4 is RSV1, 2 RSV2, 1 RSV3.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendFrameAsync(
        WebSocketOpcode opcode, ReadOnlyMemory<byte> payload, bool isFinal = true, int rsv = 0, CancellationToken cancellationToken = default)
    {
        var frame = GC.AllocateUninitializedArray<byte>(FrameHeader.MaxLength + payload.Length);
        var head = FrameHeader.Write(frame, opcode, isFinal, rsv, payload.Length);
        payload.CopyTo(frame.AsMemory(head));
        await _link.WriteAsync(frame.AsMemory(0, head + payload.Length), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends bytes of any kind.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        await _link.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);

    /// <summary>Asks whether the client is there, and reads until it answers; messages that come meanwhile wait for <see cref="ReceiveAsync"/>.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The time until the answer, on the server's clock.</returns>
    /// <exception cref="IOException">The connection ended before.</exception>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        var number = Interlocked.Increment(ref _pings);
        var payload = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(payload, number);
        var start = _options.TimeProvider.GetTimestamp();
        await SendFrameAsync(WebSocketOpcode.Ping, payload, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!await PumpUntilAsync(() => _pongs.Remove(number), cancellationToken).ConfigureAwait(false))
            throw new IOException("The client ended before it answered the ping.");
        return _options.TimeProvider.GetElapsedTime(start);
    }

    /// <summary>Waits for the next message; pings and a close frame are answered on the way.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The message; null where the client closed or ended, or broke the protocol.</returns>
    public async Task<WebSocketServerMessage?> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        WebSocketServerMessage? message = null;
        await PumpUntilAsync(() => _messages.TryDequeue(out message), cancellationToken).ConfigureAwait(false);
        return message;
    }

    /// <summary>Waits for the next frame and answers nothing: for scripts that play the protocol themselves.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The frame; null where the client ended, or broke the protocol.</returns>
    public async Task<WebSocketServerFrame?> ReceiveFrameAsync(CancellationToken cancellationToken = default)
    {
        await _receiving.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ReadFrameAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ClientFaultException fault)
        {
            await RefuseAsync(fault, cancellationToken).ConfigureAwait(false);
            return null;
        }
        finally
        {
            _receiving.Release();
        }
    }

    /// <summary>Sends a close frame where none was sent, waits for the client's, at most <see cref="WebSocketServerOptions.CloseTimeout"/>, and ends the connection.</summary>
    /// <param name="code">The code.</param>
    /// <param name="reason">The reason, at most 123 bytes in UTF-8.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task CloseAsync(int code = 1000, string reason = "", CancellationToken cancellationToken = default)
    {
        await SendCloseAsync([(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)], cancellationToken).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(_options.CloseTimeout, _options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await PumpUntilAsync(() => CloseCode is not null, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The client takes too long: the connection ends all the same.
        }
        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the server's side (FIN) without a close frame; what the client sends can still be received.</summary>
    public async Task EndAsync() => await _link.EndAsync().ConfigureAwait(false);

    /// <summary>Breaks the connection off with a reset (RST).</summary>
    public void Reset()
    {
        Volatile.Write(ref _hasEnded, true);
        _link.Reset();
    }

    internal void HasEnded() => Volatile.Write(ref _hasEnded, true);

    private async Task SendMessageAsync(WebSocketOpcode opcode, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var rsv = 0;
            if (_deflater is not null && payload.Length >= _options.Compression!.MinimumBytes)
                (payload, rsv) = (_deflater.Deflate(payload.Span), 4);
            var most = _options.FragmentBytes ?? int.MaxValue;
            while (payload.Length > most)
            {
                await SendFrameAsync(opcode, payload[..most], isFinal: false, rsv, cancellationToken).ConfigureAwait(false);
                (payload, opcode, rsv) = (payload[most..], WebSocketOpcode.Continuation, 0);
            }
            await SendFrameAsync(opcode, payload, isFinal: true, rsv, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
        await _link.CountSentAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task SendCloseAsync(byte[] payload, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _hasSentClose, true) || _link.HasClosed)
            return;
        await SendFrameAsync(WebSocketOpcode.Close, payload, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads frames until something has happened; false where the connection ended first.</summary>
    private async Task<bool> PumpUntilAsync(Func<bool> hasHappened, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _receiving.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (hasHappened())
                    return true;
                if (_hasEnded || CloseCode is not null)
                    return false;
                await PumpAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ClientFaultException fault)
            {
                await RefuseAsync(fault, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _receiving.Release();
            }
        }
    }

    private async Task PumpAsync(CancellationToken cancellationToken)
    {
        if (await ReadFrameAsync(cancellationToken).ConfigureAwait(false) is not { } frame)
            return;
        switch (frame.Opcode)
        {
            case WebSocketOpcode.Ping:
                if (!_link.IgnoresPings)
                    await SendFrameAsync(WebSocketOpcode.Pong, frame.Payload, cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
            case WebSocketOpcode.Pong:
                if (frame.Length == 8)
                    _pongs.Add(BinaryPrimitives.ReadUInt64BigEndian(frame.Payload.Span));
                break;
            case WebSocketOpcode.Close:
                await FinishAsync(frame.Payload.ToArray(), cancellationToken).ConfigureAwait(false);
                break;
            default:
                if (_builder.Add(frame) is not { } message)
                    break;
                _messages.Enqueue(message);
                await _link.CountReceivedAsync(cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async Task<WebSocketServerFrame?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        if (_hasEnded)
            return null;
        var frame = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (frame is null)
        {
            Volatile.Write(ref _hasEnded, true);
            return null;
        }
        if (_options.RecordedFrames > 0)
        {
            lock (_lock)
            {
                if (_frames.Count == _options.RecordedFrames)
                    _frames.Dequeue();
                _frames.Enqueue(frame with { Payload = frame.Payload.Length <= 125 ? frame.Payload : frame.Payload[..125].ToArray() });
            }
        }
        return frame;
    }

    private async Task FinishAsync(byte[] payload, CancellationToken cancellationToken)
    {
        if (CloseCodes.Problem(payload) is { } problem)
            throw new ClientFaultException(problem.Code, problem.Text);
        CloseReason = payload.Length < 2 ? "" : Encoding.UTF8.GetString(payload.AsSpan(2));
        CloseCode = payload.Length < 2 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!_link.IgnoresClose)
            await SendCloseAsync(payload, cancellationToken).ConfigureAwait(false);
    }

    // RFC 6455, section 7.1.7: the reason is told, and the connection fails.
    private async Task RefuseAsync(ClientFaultException fault, CancellationToken cancellationToken)
    {
        Violation = fault.Message;
        Volatile.Write(ref _hasEnded, true);
        await SendCloseAsync([(byte)(fault.Code >> 8), (byte)fault.Code, .. Encoding.UTF8.GetBytes(fault.Message)], cancellationToken).ConfigureAwait(false);
        await _link.EndAsync().ConfigureAwait(false);
    }
}
