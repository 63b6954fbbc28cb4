using System.Buffers;
using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>
/// The receiving side of a connection: frames are found where they lie in one buffer, and given out there. For one receiver at a time.
/// </summary>
/// <remarks>
/// A connection that waits keeps no buffer: whether something has come is asked with an empty read. Then one is rented, a large one where a small one was
/// filled last, and goes back when everything in it was taken.
/// </remarks>
internal sealed class Inbox(TCPConnection connection)
{
    private const int SmallBytes = 256;
    private const int LargeBytes = 64 * 1024;

    // So few are moved to the front for the sake of the room behind them.
    private const int CheapBytes = 2048;

    // More than TLS keeps of what it has received: records of 16 KiB (RFC 8446, section 5.1).
    private const int HeldByTls = 64 * 1024;

    // More than a stream that cannot say how much has arrived may have under way.
    private const int UnderWay = 1024 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _searched;
    private int _expected;
    private bool _isFast;
    private bool _hasNews;
    private bool _hasEnded;
    private int _isBusy;

    // What had arrived when the end of the server was first noticed, and was not read yet; negative before that.
    private int _owed = -1;

    // Until when that is looked for where nobody can say how much it is.
    private CancellationTokenSource? _lastLook;

    // Read by the watch.
    private long _waitsSince;
    private long _heardAt;
    private long _frameSince;
    private long _frameBytes;

    // Where the frame found last lies.
    private int _frameStart;
    private int _frameLength;

    /// <summary>The frame found last; valid until the next one is looked for.</summary>
    public ReadOnlyMemory<byte> Current => _buffer.AsMemory(_frameStart, _frameLength);

    public long Bytes { get; private set; }

    /// <summary>Whether the peer has ended its side, and everything was given out.</summary>
    public bool HasEnded => _hasEnded && _start == _end;

    /// <summary>Whether the peer itself has ended its side.</summary>
    public bool PeerHasEnded { get; private set; }

    /// <summary>Whether this side disposes of the connection: a sequence of frames is over.</summary>
    public bool EndsHere => connection.EndsHere;

    /// <summary>Whether somebody receives right now.</summary>
    public bool IsBusy => Volatile.Read(ref _isBusy) != 0;

    /// <summary>Whether a part of a frame has arrived.</summary>
    public bool HasPartial => _start < _end;

    private Span<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Looks for the next frame; false where the peer has ended its side, or where the server comes to its end and nothing has arrived.</summary>
    public ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        connection.ThrowIfDisposed();
        // A frame that lies in the buffer is taken without a claim to be the only one who receives: that costs as much as the rest of it. Who waits has made one.
        if (Volatile.Read(ref _isBusy) == 0 && TryTake())
            return new ValueTask<bool>(true);
        Enter();
        return WaitAsync(forFrame: true, cancellationToken);
    }

    /// <summary>Reads bytes past all framing: what lies in the buffer, then what comes.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        Enter();
        if (_start == _end && !await WaitAsync(forFrame: false, cancellationToken).ConfigureAwait(false))
            return 0;
        var count = Math.Min(destination.Length, _end - _start);
        Unread[..count].CopyTo(destination.Span);
        _start += count;
        _searched = 0;
        Leave();
        return count;
    }

    /// <summary>Whether a limit has been overstepped: the code and what happened.</summary>
    public (string Code, string What)? Overstepped(long now)
    {
        var since = Volatile.Read(ref _waitsSince);
        if (since == 0)
            return null;
        var (limits, clock) = (connection.Limits, connection.Clock);
        var heard = Volatile.Read(ref _heardAt);
        if (heard == 0)
        {
            if (IsOver(limits.FirstByte, clock.GetElapsedTime(since, now)))
                return (limits.FirstByteCode, $"sent nothing for {TCPConnection.Seconds(limits.FirstByte)}");
        }
        else
        {
            if (IsOver(limits.Idle, clock.GetElapsedTime(heard, now)))
                return (ErrorCodes.TimeoutIdle, $"sent nothing for {TCPConnection.Seconds(limits.Idle)} in the middle of a frame");
            var took = clock.GetElapsedTime(Volatile.Read(ref _frameSince), now);
            if (limits.MinimumRate > 0 && took > limits.RateGrace && Volatile.Read(ref _frameBytes) < limits.MinimumRate * took.TotalSeconds)
                return (ErrorCodes.TcpTooSlow, $"sends less than {limits.MinimumRate} bytes a second");
        }
        return IsOver(limits.Total, clock.GetElapsedTime(since, now))
            ? (ErrorCodes.TimeoutTotal, $"did not complete a frame within {TCPConnection.Seconds(limits.Total)}")
            : null;
    }

    /// <summary>Gives the buffer back, where nobody reads.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
            return;
        _frameStart = _frameLength = _start = _end = 0;
        GiveBack();
        _lastLook?.Dispose();
    }

    private static bool IsOver(TimeSpan limit, TimeSpan elapsed) => limit != Timeout.InfiniteTimeSpan && elapsed >= limit;

    private void Enter()
    {
        connection.ThrowIfDisposed();
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
            throw new InvalidOperationException("Somebody receives on this connection already.");
    }

    private void Leave() => Volatile.Write(ref _isBusy, 0);

    private bool TryTake()
    {
        if (_start == _end)
            return false;
        var scan = connection.Framing.Scan(Unread, ref _searched);
        if (scan.Problem is { } problem)
            throw connection.Spoil(ErrorCodes.TcpFrameMalformed, $"{connection.Endpoint} {problem}.");
        var limit = connection.Limits.FrameBytes;
        if (scan.Length > limit || (!scan.IsComplete && _end - _start > (long)limit + connection.Framing.Overhead))
            throw connection.Spoil(ErrorCodes.TcpFrameTooLarge, $"{connection.Endpoint} sent a frame of more than {limit} bytes (MaxFrameBytes).");
        if (!scan.IsComplete)
        {
            _expected = scan.Length < 0 ? 0 : scan.Start + (int)scan.Length;
            return false;
        }
        // What lies behind in the buffer is somebody else's: a framing of the caller's own is not believed.
        if (scan.Start < 0 || scan.Length < 0 || scan.Start + scan.Length > _end - _start || scan.Consumed > _end - _start)
            throw new InvalidOperationException($"The framing {connection.Framing} found a frame beyond what had arrived.");
        (_frameStart, _frameLength) = (_start + scan.Start, (int)scan.Length);
        _start += scan.Consumed;
        _searched = 0;
        return true;
    }

    // One state machine for all of it: it is what a connection that waits consists of.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(bool forFrame, CancellationToken cancellationToken)
    {
        CancellationTokenSource? either = null;
        var (isFound, looksOnceMore) = (false, false);
        try
        {
            connection.ThrowIfUnreadable();
            if (_hasEnded)
                return Ended();
            _frameStart = _frameLength = 0;
            // It is not waited for: a peer that reads nothing before it was read from would wait for us as we for it.
            connection.Outbox.BeginFlush();
            BeginWait();
            var token = connection.Draining == cancellationToken || cancellationToken == connection.Stopping ? connection.Draining
                : !connection.Draining.CanBeCanceled ? cancellationToken
                : !cancellationToken.CanBeCanceled ? connection.Draining
                : (either = CancellationTokenSource.CreateLinkedTokenSource(connection.Draining, cancellationToken)).Token;
            while (true)
            {
                var room = MakeRoom();
                var isLast = false;
                if (connection.Draining.IsCancellationRequested)
                {
                    // What comes after that is not taken: a peer that never stops would hold up the end.
                    if (_owed < 0)
                    {
                        _owed = !connection.End.IsSocket ? UnderWay : connection.End.Available + (connection.Tls is null ? 0 : HeldByTls);
                        if (!connection.End.IsSocket)
                            _lastLook = new CancellationTokenSource(TCPConnection.Quiet, connection.Clock);
                    }
                    if (_start == _end && _owed > 0 && _lastLook is { IsCancellationRequested: false })
                    {
                        token = _lastLook.Token;
                    }
                    else if (_start == _end && (_owed == 0 || connection.End.Available == 0))
                    {
                        // TLS may hold what has arrived: it is asked once more, without waiting.
                        if (looksOnceMore || connection.Tls is null)
                        {
                            _hasEnded = true;
                            return Ended();
                        }
                        looksOnceMore = _hasNews = true;
                        token = new CancellationToken(canceled: true);
                        room = MakeRoom();
                    }
                    else
                    {
                        looksOnceMore = false;
                        isLast = _owed == 0;
                        token = cancellationToken;
                    }
                }
                int count;
                try
                {
                    count = await connection.Stream.ReadAsync(room, token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!connection.IsBroken)
                {
                    // The server comes to its end: there may be no reason to wait any longer.
                    if (!cancellationToken.IsCancellationRequested)
                        continue;
                    throw new OperationCanceledException(cancellationToken);
                }
                catch (Exception) when (forFrame && connection.EndsHere)
                {
                    return Ended();
                }
                catch (Exception error) when (connection.Explain(error, NetworkPhase.Receive, cancellationToken) is { } explained)
                {
                    throw explained;
                }
                if (room.Length == 0)
                {
                    _hasNews = true;
                    continue;
                }
                if (count == 0)
                {
                    await connection.ConfirmEndAsync().ConfigureAwait(false);
                    _hasEnded = PeerHasEnded = true;
                    if (_start < _end && !connection.EndsHere)
                        throw connection.Spoil(ErrorCodes.TcpClosedEarly, $"{connection.Endpoint} ended the connection in the middle of a frame.");
                    return Ended();
                }
                _hasNews = false;
                _isFast = count >= SmallBytes;
                Bytes += count;
                _end += count;
                if (_owed > 0)
                {
                    _owed = Math.Max(0, _owed - count);
                    _lastLook?.CancelAfter(TCPConnection.Quiet);
                }
                if (!forFrame || TryTake())
                {
                    // It had begun in time; what came along with its end, or lies in TLS behind it, had not.
                    if (isLast)
                    {
                        _start = _end;
                        _hasEnded = true;
                    }
                    return isFound = true;
                }
                NoteProgress(count);
            }
        }
        finally
        {
            either?.Dispose();
            Volatile.Write(ref _waitsSince, 0);
            if (forFrame || !isFound)
                Leave();
        }
    }

    private bool Ended()
    {
        connection.EndIsTold();
        return false;
    }

    /// <summary>Where to read to; nowhere where it is only to be asked whether more has come.</summary>
    private Memory<byte> MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            GiveBack();
            if (_hasNews)
                _buffer = ArrayPool<byte>.Shared.Rent(_isFast ? LargeBytes : SmallBytes);
            return _buffer;
        }
        var partial = _end - _start;
        var wanted = Math.Max(_expected, partial + 1);
        // What a peer announces is not believed: the buffer grows with what has arrived.
        var size = wanted <= _buffer.Length ? _buffer.Length : Math.Min(wanted, 2 * _buffer.Length);
        if (size > SmallBytes || _isFast)
            size = Math.Max(size, LargeBytes);
        if (size > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(size);
            Unread.CopyTo(larger);
            GiveBack();
            _buffer = larger;
        }
        else if (_start > 0 && (partial <= CheapBytes || _buffer.Length - _start < wanted || _end == _buffer.Length))
        {
            Unread.CopyTo(_buffer);
        }
        else
        {
            return _buffer.AsMemory(_end);
        }
        (_start, _end) = (0, partial);
        return _buffer.AsMemory(_end);
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void BeginWait()
    {
        var now = connection.Clock.GetTimestamp() | 1;
        Volatile.Write(ref _frameBytes, _end - _start);
        Volatile.Write(ref _frameSince, now);
        Volatile.Write(ref _heardAt, _start < _end ? now : 0);
        Volatile.Write(ref _waitsSince, now);
    }

    private void NoteProgress(int count)
    {
        var now = connection.Clock.GetTimestamp() | 1;
        if (_heardAt == 0)
            Volatile.Write(ref _frameSince, now);
        Volatile.Write(ref _frameBytes, _frameBytes + count);
        Volatile.Write(ref _heardAt, now);
    }
}
