using System.Buffers;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>
/// The sending half of a connection: who may send, and who writes. Senders append masked frames to one buffer while another is being written, so that a burst leaves in few
/// writes; a lone message is written at once by its own sender, with nothing in between. Thread-safe.
/// </summary>
internal sealed class FrameSender : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Larger messages are masked and written by the chunk: smaller ones cost more writes, larger ones more memory.</summary>
    public const int ChunkSize = 512 * 1024;

    private const int SmallPayload = 32 * 1024;

    // So many writes right behind one another are a burst.
    private const int BurstLength = 8;
    private static readonly TimeSpan BurstGap = TimeSpan.FromMicroseconds(20);

    private readonly Stream _stream;
    private readonly SendQueueOptions _queue;
    private readonly Deflater? _deflater;
    private readonly int _deflateFrom;
    private readonly Action<Exception> _failed;
    private readonly TimeProvider _clock;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _over = new();
    private readonly FrameBuffer _frames;
    private readonly Queue<(Opcode Opcode, ReadOnlyMemory<byte> Payload)> _controls = new();

    private TaskCompletionSource? _fillingWritten;
    private TaskCompletionSource? _writingWritten;
    private TaskCompletionSource? _room;
    private byte[]? _pong;
    private int _pongLength;
    private int _inTurn;
    private bool _isFlushing;
    private bool _isWriting;
    private bool _isClosed;
    private bool _hasClosed;
    private NetworkException? _failure;
    private long _flushedAt;
    private int _burst;
    private bool _hasReceived;
    private long _dropped;

    public FrameSender(Stream stream, SendQueueOptions queue, Deflater? deflater, int deflateFrom, Action<Exception> failed, TimeProvider clock)
    {
        _stream = stream;
        _queue = queue;
        _frames = new FrameBuffer(queue.Bytes);
        _deflater = deflater;
        _deflateFrom = deflateFrom;
        _failed = failed;
        _clock = clock;
    }

    /// <summary>Whether messages are compressed.</summary>
    public bool Compresses => _deflater is not null;

    /// <summary>Messages that were dropped, since there was no room for them.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Something has arrived: what is sent next may be an answer, and is not made to wait.</summary>
    public void NoteReceived() => Volatile.Write(ref _hasReceived, true);

    /// <summary>Sends a message. Done when it lies in the queue; a large one, when the last of it does.</summary>
    public ValueTask SendAsync(Opcode kind, ReadOnlyMemory<byte> payload, bool compress, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (payload.Length > SmallPayload)
            return SendInTurnAsync(kind, payload, compress, cancellationToken);
        bool isBehind, isAccepted;
        var flush = FlushBy.Nobody;
        lock (_gate)
        {
            DemandOpen();
            // Behind a message in parts everybody waits; only for want of room there is a choice.
            isBehind = _inTurn > 0;
            isAccepted = !isBehind && _frames.HasRoom(payload.Length + FrameHeader.MaxSize);
            if (isAccepted)
            {
                AppendMessage(kind, payload.Span, compress);
                flush = WhoFlushes();
            }
        }
        if (isAccepted)
        {
            Flush(flush);
            return ValueTask.CompletedTask;
        }
        switch (_queue.WhenFull)
        {
            case WhenQueueFull.Drop when !isBehind:
                Interlocked.Increment(ref _dropped);
                return ValueTask.CompletedTask;
            case WhenQueueFull.Fail when !isBehind:
                return ValueTask.FromException(WebSocketFailure.QueueFull(_queue.Bytes));
            default:
                return SendInTurnAsync(kind, payload, compress, cancellationToken);
        }
    }

    /// <summary>Waits for this sender's turn: nobody else begins a message until it is given back.</summary>
    public async ValueTask TakeTurnAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            DemandOpen();
            _inTurn++;
        }
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, cancellationToken);
            await _turn.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _inTurn--;
                cancellationToken.ThrowIfCancellationRequested();
                DemandOpen();
            }
            throw;
        }
    }

    public void GiveTurnBack()
    {
        lock (_gate)
            _inTurn--;
        _turn.Release();
    }

    /// <summary>Sends one frame of a message, in turn. Once its first byte is in the queue, the whole frame goes.</summary>
    public async ValueTask SendFrameAsync(Opcode opcode, ReadOnlyMemory<byte> payload, bool isFinal, bool isCompressed, CancellationToken cancellationToken)
    {
        await WaitForRoomAsync(Math.Min(payload.Length, SmallPayload) + FrameHeader.MaxSize, isBegun: false, cancellationToken).ConfigureAwait(false);
        var isBegun = false;
        for (var sent = 0; ;)
        {
            FlushBy flush;
            lock (_gate)
            {
                DemandOpen(isBegun);
                if (!isBegun)
                    _frames.Begin(opcode, isFinal, isCompressed, payload.Length);
                isBegun = true;
                sent += _frames.Continue(payload.Span[sent..], Chunk);
                flush = WhoFlushes();
            }
            // Large ones are written by who sends them, burst or not.
            if (flush != FlushBy.Nobody)
                await FlushLoopAsync(isSender: true).ConfigureAwait(false);
            if (sent == payload.Length)
                return;
            // For one byte of the chunk at least: with none, this would go round without an end.
            await WaitForRoomAsync(_queue.Bytes - Chunk + 1, isBegun: true, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Answers a ping. Only the latest unanswered one is (RFC 6455, section 5.5.3): pings that come faster than answers leave cost nothing.</summary>
    public void SendPong(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_isClosed || _failure is not null)
                return;
            _pong ??= new byte[FrameHeader.MaxControlPayload];
            payload.CopyTo(_pong);
            _pongLength = payload.Length + 1;
            if (!TryBeginFlush())
                return;
        }
        Flush(FlushBy.Sender);
    }

    /// <summary>Sends a ping.</summary>
    public void SendPing(ReadOnlyMemory<byte> payload) => SendControl(Opcode.Ping, payload, isLast: false);

    /// <summary>Sends the close frame behind all that was accepted; nothing more is. Only the first one is sent.</summary>
    /// <returns>Whether it was this one.</returns>
    public bool SendClose(WebSocketCloseCode code, string reason)
    {
        var payload = new byte[FrameHeader.MaxControlPayload];
        return SendControl(Opcode.Close, payload.AsMemory(0, ClosePayload.Write(payload, code, reason)), isLast: true);
    }

    /// <summary>Waits until all that was accepted so far has been handed to the system.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_failure is not null)
                throw WebSocketFailure.Again(_failure);
            if (!_hasClosed && (_frames.Count > 0 || _controls.Count > 0))
                return (_fillingWritten ??= NewSignal()).Task.WaitAsync(cancellationToken);
            return _isWriting ? (_writingWritten ??= NewSignal()).Task.WaitAsync(cancellationToken) : Task.CompletedTask;
        }
    }

    /// <summary>What has been sent makes no sense without what will not be: the connection is of no more use.</summary>
    public void Break(Exception reason) => _failed(reason);

    /// <summary>Nothing more is sent, and whoever waits to send gets this.</summary>
    public void Fail(NetworkException failure)
    {
        TaskCompletionSource? room, filling, writing;
        lock (_gate)
        {
            _failure ??= failure;
            failure = _failure;
            (room, filling, writing) = (_room, _fillingWritten, _writingWritten);
            (_room, _fillingWritten, _writingWritten) = (null, null, null);
        }
        _over.Cancel();
        room?.TrySetResult();
        filling?.TrySetException(WebSocketFailure.Again(failure));
        writing?.TrySetException(WebSocketFailure.Again(failure));
    }

    /// <summary>Takes out the messages that were accepted and have not begun to leave. They do not leave any more, and no others are accepted.</summary>
    public UnsentMessages TakeUnsent()
    {
        lock (_gate)
        {
            _isClosed = true;
            return _frames.TakeMessages(Compresses);
        }
    }

    /// <summary>Accepts messages of the connection before. Where this one has closed meanwhile, they wait for the next.</summary>
    public void Add(UnsentMessages unsent)
    {
        lock (_gate)
        {
            _frames.Add(unsent);
            if (_isClosed || !TryBeginFlush())
                return;
        }
        Flush(FlushBy.Pool);
    }

    /// <summary>Sends a message if there is room for it now.</summary>
    public bool TrySend(Opcode kind, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_isClosed || _failure is not null || _inTurn > 0 || !_frames.HasRoom(payload.Length + FrameHeader.MaxSize))
                return false;
            AppendMessage(kind, payload, compress: true);
            if (!TryBeginFlush())
                return true;
        }
        Flush(FlushBy.Pool);
        return true;
    }

    public void Dispose()
    {
        // A message under way may be using it; then its memory is the collector's.
        if (_deflater is null || !_turn.Wait(0))
            return;
        lock (_gate)
            _deflater.Dispose();
        _turn.Release();
    }

    void IThreadPoolWorkItem.Execute()
    {
        // Where they share a core, this thread may have stopped the sender in its burst: the more it adds first, the fewer the writes.
        Thread.Yield();
        _ = FlushLoopAsync(isSender: false);
    }

    private int Chunk => Math.Min(ChunkSize, _queue.Bytes);

    private async ValueTask SendInTurnAsync(Opcode kind, ReadOnlyMemory<byte> payload, bool compress, CancellationToken cancellationToken)
    {
        await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (compress && IsWorthDeflating(payload.Length))
            {
                // What has been deflated must be sent: the server needs it to inflate what follows.
                await WaitForRoomAsync(SmallPayload + FrameHeader.MaxSize, isBegun: false, cancellationToken).ConfigureAwait(false);
                await SendFrameAsync(kind, _deflater!.Deflate(payload.Span), isFinal: true, isCompressed: true, CancellationToken.None).ConfigureAwait(false);
            }
            else
                await SendFrameAsync(kind, payload, isFinal: true, isCompressed: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            GiveTurnBack();
        }
    }

    private bool SendControl(Opcode opcode, ReadOnlyMemory<byte> payload, bool isLast)
    {
        TaskCompletionSource? room;
        bool begins;
        lock (_gate)
        {
            if (_isClosed || _failure is not null)
                return false;
            _isClosed = isLast;
            _controls.Enqueue((opcode, payload));
            begins = TryBeginFlush();
            // Who waits to begin a message waits for nothing any more.
            room = isLast ? _room : null;
            _room = isLast ? null : _room;
        }
        if (isLast)
            _over.Cancel();
        room?.TrySetResult();
        if (begins)
            Flush(FlushBy.Sender);
        return true;
    }

    private void AppendMessage(Opcode kind, ReadOnlySpan<byte> payload, bool compress)
    {
        var isCompressed = compress && IsWorthDeflating(payload.Length);
        _frames.AppendMessage(kind, isCompressed ? _deflater!.Deflate(payload).Span : payload, isCompressed);
    }

    private bool IsWorthDeflating(int length) => _deflater is not null && length >= _deflateFrom && length > 0;

    private async ValueTask WaitForRoomAsync(int size, bool isBegun, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                DemandOpen(isBegun);
                if (_frames.HasRoom(size))
                    return;
                room = (_room ??= NewSignal()).Task;
            }
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private bool TryBeginFlush() => !_isFlushing && (_isFlushing = true);

    // Called with something appended.
    private FlushBy WhoFlushes()
    {
        if (!TryBeginFlush())
            return FlushBy.Nobody;
        if (_hasReceived || _clock.GetElapsedTime(_flushedAt) > BurstGap)
        {
            _hasReceived = false;
            _burst = 0;
        }
        return ++_burst > BurstLength ? FlushBy.Pool : FlushBy.Sender;
    }

    // Outside of the lock. What goes wrong reaches whoever waits for the connection; what was accepted was accepted.
    private void Flush(FlushBy flush)
    {
        if (flush == FlushBy.Sender)
            _ = FlushLoopAsync(isSender: true);
        else if (flush == FlushBy.Pool)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Writes until nothing is left. A sender writes what it appended itself; the rest is the pool's.</summary>
    private async ValueTask FlushLoopAsync(bool isSender)
    {
        try
        {
            while (true)
            {
                byte[] writing;
                int count;
                TaskCompletionSource? room;
                lock (_gate)
                {
                    var isOver = _hasClosed || _failure is not null;
                    if (!isOver && !_frames.IsMidFrame)
                        AppendControls();
                    if (_frames.Count == 0 || isOver)
                    {
                        _isFlushing = false;
                        _flushedAt = _clock.GetTimestamp();
                        return;
                    }
                    (writing, count) = _frames.Take();
                    (_writingWritten, _fillingWritten) = (_fillingWritten, null);
                    (room, _room, _isWriting) = (_room, null, true);
                }
                room?.TrySetResult();
                await _stream.WriteAsync(writing.AsMemory(0, count)).ConfigureAwait(false);
                ArrayPool<byte>.Shared.Return(writing);
                TaskCompletionSource? written;
                bool isMoreWaiting;
                lock (_gate)
                {
                    (written, _writingWritten, _isWriting) = (_writingWritten, null, false);
                    isMoreWaiting = _frames.Count > 0;
                }
                written?.TrySetResult();
                if (isSender && isMoreWaiting)
                {
                    Flush(FlushBy.Pool);
                    return;
                }
            }
        }
        catch (Exception error)
        {
            _failed(error);
        }
    }

    private void AppendControls()
    {
        if (_pongLength > 0)
        {
            _frames.AppendControl(Opcode.Pong, _pong.AsSpan(0, _pongLength - 1));
            _pongLength = 0;
        }
        while (_controls.TryDequeue(out var control))
        {
            _frames.AppendControl(control.Opcode, control.Payload.Span);
            // Nothing goes behind it (RFC 6455, section 5.5.1).
            _hasClosed |= control.Opcode == Opcode.Close;
        }
    }

    // A frame that has begun goes out whole, in front of a close frame.
    private void DemandOpen(bool isBegun = false)
    {
        if (_failure is not null)
            throw WebSocketFailure.Again(_failure);
        if (_isClosed && !isBegun)
            throw WebSocketFailure.Closed(null);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
