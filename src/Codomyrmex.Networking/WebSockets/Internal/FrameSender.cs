using System.Buffers;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>
/// The sending half of a connection. Senders append masked frames to one buffer while another is being written, so that a burst leaves in few
/// writes; a lone message is written at once by its own sender, with nothing in between. Thread-safe.
/// </summary>
internal sealed class FrameSender : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Larger messages are masked and written by the chunk: smaller ones cost more writes, larger ones more memory.</summary>
    public const int ChunkSize = 512 * 1024;

    private const int SmallPayload = 32 * 1024;
    private const int FirstSize = 4 * 1024;

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
    private readonly FrameMask _masks = new();
    private readonly Queue<(Opcode Opcode, ReadOnlyMemory<byte> Payload)> _controls = new();

    private byte[] _filling = [];
    private int _filled;
    private int _lastSize = FirstSize;
    private TaskCompletionSource? _fillingWritten;
    private TaskCompletionSource? _writingWritten;
    private TaskCompletionSource? _room;
    private byte[]? _pong;
    private int _pongLength;
    private int _inTurn;
    private bool _isMidFrame;
    private bool _isFlushing;
    private bool _isWriting;
    private bool _isClosed;
    private bool _hasClosed;
    private NetworkException? _failure;
    private long _flushedAt;
    private int _burst;
    private bool _hasReceived;
    private long _dropped;

    // Where in the buffer the messages lie that have begun and ended in it, and how many they are.
    private int _wholeFrom;
    private int _wholeTo;
    private int _whole;
    private bool _isMidMessage;

    public FrameSender(Stream stream, SendQueueOptions queue, Deflater? deflater, int deflateFrom, Action<Exception> failed, TimeProvider clock)
    {
        _stream = stream;
        _queue = queue;
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
        FlushBy flush;
        lock (_gate)
        {
            DemandOpen();
            if (_inTurn > 0 || !HasRoom(payload.Length + FrameHeader.MaxSize))
                flush = FlushBy.Nobody;
            else
            {
                AppendMessage(kind, payload.Span, compress);
                flush = WhoFlushes();
                if (flush == FlushBy.Nobody)
                    return ValueTask.CompletedTask;
            }
        }
        if (flush != FlushBy.Nobody)
        {
            // Its own failures reach whoever waits for the connection; the message was accepted.
            if (flush == FlushBy.Sender)
                _ = FlushLoopAsync(isSender: true);
            else
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return ValueTask.CompletedTask;
        }
        switch (_queue.WhenFull)
        {
            case WhenQueueFull.Drop:
                Interlocked.Increment(ref _dropped);
                return ValueTask.CompletedTask;
            case WhenQueueFull.Fail:
                return ValueTask.FromException(WebSocketFailure.QueueFull(_queue.Bytes));
        }
        return SendInTurnAsync(kind, payload, compress, cancellationToken);
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
        var mask = 0u;
        var sent = -1;
        while (true)
        {
            FlushBy flush;
            lock (_gate)
            {
                DemandOpen(isBegun: sent >= 0);
                if (sent < 0)
                {
                    mask = _masks.Next();
                    AppendHeader(opcode, isFinal, isCompressed, payload.Length, mask);
                    sent = 0;
                    _isMidMessage = true;
                }
                var part = payload.Span[sent..Math.Min(payload.Length, sent + Math.Max(0, Chunk - _filled))];
                FrameMask.Apply(part, Reserve(part.Length), FrameMask.Turn(mask, sent));
                sent += part.Length;
                _isMidFrame = sent < payload.Length;
                if (isFinal && !_isMidFrame)
                    EndMessage();
                flush = WhoFlushes();
            }
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
        _ = FlushLoopAsync(isSender: true);
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
            if (!_hasClosed && (_filled > 0 || _controls.Count > 0))
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
            if (_whole == 0)
                return new UnsentMessages(0, [], Compresses);
            var unsent = new UnsentMessages(_whole, _filling.AsSpan(_wholeFrom, _wholeTo - _wholeFrom).ToArray(), Compresses);
            _filling.AsSpan(_wholeTo, _filled - _wholeTo).CopyTo(_filling.AsSpan(_wholeFrom));
            _filled -= unsent.Frames.Length;
            (_wholeTo, _whole) = (_wholeFrom, 0);
            return unsent;
        }
    }

    /// <summary>Accepts messages of the connection before. Where this one has closed meanwhile, they wait for the next.</summary>
    public void Add(UnsentMessages unsent)
    {
        lock (_gate)
        {
            unsent.Frames.CopyTo(Reserve(unsent.Frames.Length));
            (_whole, _wholeTo) = (_whole + unsent.Count, _filled);
            if (_isClosed || !TryBeginFlush())
                return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Sends a message if there is room for it now.</summary>
    public bool TrySend(Opcode kind, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_isClosed || _failure is not null || _inTurn > 0 || !HasRoom(payload.Length + FrameHeader.MaxSize))
                return false;
            AppendMessage(kind, payload, compress: true);
            if (!TryBeginFlush())
                return true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
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

    void IThreadPoolWorkItem.Execute() => _ = FlushLoopAsync(isSender: false);

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
        lock (_gate)
        {
            if (_isClosed || _failure is not null)
                return false;
            _isClosed = isLast;
            _controls.Enqueue((opcode, payload));
            if (!TryBeginFlush())
                return true;
        }
        _ = FlushLoopAsync(isSender: true);
        return true;
    }

    private void AppendMessage(Opcode kind, ReadOnlySpan<byte> payload, bool compress)
    {
        var isCompressed = compress && IsWorthDeflating(payload.Length);
        if (isCompressed)
            payload = _deflater!.Deflate(payload).Span;
        AppendFrame(kind, payload, isCompressed);
        EndMessage();
    }

    private void EndMessage()
    {
        _isMidMessage = false;
        // One that began in an earlier buffer ends here, and the first whole one begins.
        if (_wholeFrom > _filled)
            _wholeFrom = _filled;
        else
            _whole++;
        _wholeTo = _filled;
    }

    private void AppendFrame(Opcode opcode, ReadOnlySpan<byte> payload, bool isCompressed)
    {
        var mask = _masks.Next();
        AppendHeader(opcode, isFinal: true, isCompressed, payload.Length, mask);
        FrameMask.Apply(payload, Reserve(payload.Length), mask);
    }

    private void AppendHeader(Opcode opcode, bool isFinal, bool isCompressed, long length, uint mask) =>
        FrameHeader.Write(Reserve(FrameHeader.SizeFor(length)), opcode, isFinal, isCompressed, length, mask);

    private bool IsWorthDeflating(int length) => _deflater is not null && length >= _deflateFrom && length > 0;

    private Span<byte> Reserve(int count)
    {
        if (_filled + count > _filling.Length)
            Grow(_filled + count);
        _filled += count;
        return _filling.AsSpan(_filled - count, count);
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _filling.Length == 0 ? _lastSize : _filling.Length * 2));
        _filling.AsSpan(0, _filled).CopyTo(larger);
        if (_filling.Length > 0)
            ArrayPool<byte>.Shared.Return(_filling);
        _filling = larger;
    }

    private bool HasRoom(int size) => _filled == 0 || _filled + size <= _queue.Bytes;

    private async ValueTask WaitForRoomAsync(int size, bool isBegun, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                DemandOpen(isBegun);
                if (HasRoom(size))
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
                    if (!isOver && !_isMidFrame)
                        AppendControls();
                    if (_filled == 0 || isOver)
                    {
                        _isFlushing = false;
                        _flushedAt = _clock.GetTimestamp();
                        return;
                    }
                    (writing, count) = (_filling, _filled);
                    (_filling, _filled, _lastSize) = ([], 0, Math.Clamp(_filled, FirstSize, Math.Max(FirstSize, _queue.Bytes)));
                    (_wholeFrom, _wholeTo, _whole) = (_isMidMessage ? int.MaxValue : 0, 0, 0);
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
                    isMoreWaiting = _filled > 0;
                }
                written?.TrySetResult();
                if (isSender && isMoreWaiting)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
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
            AppendFrame(Opcode.Pong, _pong.AsSpan(0, _pongLength - 1), isCompressed: false);
            _pongLength = 0;
        }
        while (_controls.TryDequeue(out var control))
        {
            AppendFrame(control.Opcode, control.Payload.Span, isCompressed: false);
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
