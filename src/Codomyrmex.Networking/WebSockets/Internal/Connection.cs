using System.Buffers.Binary;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>
/// One open connection: its two halves, its pings, and its end. The end is known once (<see cref="Ended"/>): the peer closed, broke the protocol, fell
/// silent, or the connection was lost. Thread-safe.
/// </summary>
internal sealed class Connection : IFrameSink, IAsyncDisposable
{
    private const int MostDrained = 1024 * 1024;
    private static readonly TimeSpan PatienceWithBreakers = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly FrameReader _reader;
    private readonly WebSocketOptions _options;
    private readonly PieceQueue _queue;
    private readonly TaskCompletionSource<ConnectionEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Pings _pings;
    private readonly Keepalive? _keepalive;
    private readonly Task _receiving;
    private WebSocketClose? _closeSent;
    private NetworkException? _given;

    public Connection(Handshaken handshake, WebSocketOptions options)
    {
        _stream = handshake.Stream;
        _options = options;
        _queue = new PieceQueue(options.Limits.ReceiveQueueBytes);
        Receiver = new MessageReceiver(_queue);
        Handshake = handshake;
        var terms = handshake.Compression;
        var deflater = terms is null ? null : new Deflater(options.Compression!.Level, terms.ClientKeepsContext);
        Sender = new FrameSender(_stream, options.SendQueue, deflater, options.Compression?.MinimumBytes ?? 0, Broke, options.Clock);
        _reader = new FrameReader(_stream, handshake.Received.Span, _queue, this, options.Limits, terms is null ? null : new Inflater());
        _pings = new Pings(options.Clock);
        _receiving = ReceiveAsync();
        if (options.PingInterval != Timeout.InfiniteTimeSpan)
            _keepalive = new Keepalive(this, options);
    }

    public Handshaken Handshake { get; }

    public Endpoint Endpoint => Handshake.Endpoint;

    public FrameSender Sender { get; }

    public MessageReceiver Receiver { get; }

    /// <summary>Messages that have arrived, whether or not anybody has asked for them.</summary>
    public long MessagesReceived => _queue.Messages;

    /// <summary>Whether a message has begun to arrive and not ended.</summary>
    public bool IsInMessage => _reader.IsInMessage;

    /// <summary>Done when the connection is of no more use for sending or receiving.</summary>
    public Task<ConnectionEnd> Ended => _ended.Task;

    /// <summary>The time that the last ping took; null before the first.</summary>
    public TimeSpan? RoundTripTime => _pings.Last;

    /// <summary>Reads so far: another number means that the peer lives.</summary>
    public long Reads { get; private set; }

    /// <summary>Whether nothing is read, since nobody takes what has been.</summary>
    public bool IsHeldUp => _reader.IsHeldUp;

    /// <summary>Sends a ping and waits for its answer.</summary>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken)
    {
        var (number, answer) = _pings.Begin();
        Sender.SendPing(Number(number));
        var first = await Task.WhenAny(answer, Ended).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (first == Ended)
            throw (await Ended.ConfigureAwait(false)).Failure is { } failure ? WebSocketFailure.Again(failure) : WebSocketFailure.Closed(Endpoint);
        return await answer.ConfigureAwait(false);
    }

    /// <summary>Sends a ping that nobody waits for.</summary>
    public void Ping() => Sender.SendPing(Number(_pings.Begin().Number));

    /// <summary>Closes: what was accepted goes first, then the close frame; then the peer has some time to do the same.</summary>
    public async Task CloseAsync(WebSocketCloseCode code, string reason, CancellationToken cancellationToken)
    {
        Interlocked.CompareExchange(ref _closeSent, new WebSocketClose(code, reason, ByPeer: false), null);
        _queue.DiscardWhatDoesNotFit();
        try
        {
            if (Sender.SendClose(code, reason) || !Ended.IsCompleted)
                await WithinCloseTimeoutAsync(Ended, cancellationToken).ConfigureAwait(false);
            End(new ConnectionEnd(_closeSent with { Code = WebSocketCloseCode.Abnormal }, null));
            // Both have said goodbye: now the server is to end the connection.
            await _receiving.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Abort(WebSocketFailure.Closed(Endpoint));
            throw;
        }
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort(NetworkException failure)
    {
        Interlocked.CompareExchange(ref _given, failure, null);
        _stop.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        // One that has ended takes its leave: our close frame is to arrive.
        if (Ended.IsCompleted && await Task.WhenAny(_receiving, Task.Delay(PatienceWithBreakers, _options.Clock)).ConfigureAwait(false) == _receiving)
            return;
        Abort(WebSocketFailure.Closed(Endpoint));
        await _receiving.ConfigureAwait(false);
    }

    void IFrameSink.Received()
    {
        Reads++;
        Sender.NoteReceived();
    }

    void IFrameSink.Ping(ReadOnlySpan<byte> payload) => Sender.SendPong(payload);

    void IFrameSink.Pong(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == sizeof(long))
            _pings.Answered(BinaryPrimitives.ReadInt64BigEndian(payload));
    }

    void IFrameSink.Close(WebSocketCloseCode code, string reason)
    {
        Sender.SendClose(code, "");
        if (_closeSent is { } ours)
        {
            End(new ConnectionEnd(ours, null));
            return;
        }
        var close = new WebSocketClose(code, reason, ByPeer: true);
        End(new ConnectionEnd(close, close.IsClean ? null : WebSocketFailure.ClosedWith(Endpoint, close)));
    }

    private async Task ReceiveAsync()
    {
        // Whoever opens the connection goes on at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (!await _reader.RunAsync(_stop.Token).ConfigureAwait(false))
                Lost(_given);
            else
                await LeaveInOrderAsync(_options.CloseTimeout).ConfigureAwait(false);
        }
        catch (ProtocolFaultException broken)
        {
            Sender.SendClose(broken.Fault.Code, "");
            End(new ConnectionEnd(new WebSocketClose(broken.Fault.Code, "", ByPeer: false), WebSocketFailure.Broken(Endpoint, broken.Fault)));
            await LeaveInOrderAsync(PatienceWithBreakers).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Lost(_given);
        }
        catch (Exception error) when (WebSocketFailure.IsLoss(error))
        {
            Lost(_given ?? error);
        }
        catch (Exception defect)
        {
            // Of ours: whoever waits shall see it, and not wait for ever.
            _ended.TrySetException(defect);
            _queue.Complete();
        }
        finally
        {
            _keepalive?.Dispose();
            Sender.Fail(Ended is { IsCompletedSuccessfully: true, Result.Failure: { } failure } ? failure : WebSocketFailure.Closed(Endpoint));
            await _stream.DisposeAsync().ConfigureAwait(false);
            Sender.Dispose();
            _reader.Dispose();
        }
    }

    // A writer that fails knows it before the reader does.
    private void Broke(Exception error)
    {
        var failure = WebSocketFailure.IsLoss(error)
            ? WebSocketFailure.Lost(Endpoint, error)
            : new NetworkFailure { Code = ErrorCodes.LocalIo, Message = $"Sending to {Endpoint} failed: {error.Message}", Phase = NetworkPhase.Send, Endpoint = Endpoint }.ToException(error);
        Interlocked.CompareExchange(ref _given, failure, null);
        // Whoever waits for the turn is not to begin a message in the middle of another.
        Sender.Fail(failure);
        // What the peer had said before is still to be had, its close frame among it. Then the reader comes to the same end, if the system tells it.
        _ = WithinPatienceAsync(failure);
    }

    private async Task WithinPatienceAsync(NetworkException failure)
    {
        if (await Task.WhenAny(_receiving, Task.Delay(PatienceWithBreakers, _options.Clock)).ConfigureAwait(false) != _receiving)
            Abort(failure);
    }

    private void Lost(Exception? error)
    {
        // After our close frame, how the peer leaves is its own affair.
        if (_closeSent is { } ours && error is not WebSocketException { Code: ErrorCodes.WsProtocol })
            End(new ConnectionEnd(ours with { Code = WebSocketCloseCode.Abnormal }, null));
        else
            End(new ConnectionEnd(new WebSocketClose(WebSocketCloseCode.Abnormal, "", ByPeer: true), WebSocketFailure.Lost(Endpoint, error)));
    }

    private void End(ConnectionEnd end)
    {
        if (_ended.TrySetResult(end))
            _queue.Complete();
    }

    /// <summary>Lets our close frame leave; then the server ends the connection first (RFC 6455, section 7.1.1), within reason.</summary>
    private async Task LeaveInOrderAsync(TimeSpan patience)
    {
        try
        {
            await Sender.FlushAsync(_stop.Token).WaitAsync(_options.CloseTimeout, _options.Clock).ConfigureAwait(false);
            await DrainAsync().WaitAsync(patience, _options.Clock).ConfigureAwait(false);
        }
        catch (Exception error) when (WebSocketFailure.IsLoss(error) || error is OperationCanceledException or TimeoutException)
        {
            // It is gone, as it was to be.
        }

        // What comes after a close frame means nothing, but the reset that unread bytes cause would destroy our own.
        async Task DrainAsync()
        {
            var rest = new byte[4096];
            for (var left = MostDrained; left > 0;)
            {
                var count = await _stream.ReadAsync(rest, _stop.Token).ConfigureAwait(false);
                if (count == 0)
                    return;
                left -= count;
            }
        }
    }

    private async Task WithinCloseTimeoutAsync(Task task, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(_options.CloseTimeout, _options.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The reader stops as well, and with it the connection.
            await _stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private static byte[] Number(long number)
    {
        var payload = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(payload, number);
        return payload;
    }
}
