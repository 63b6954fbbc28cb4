using System.Buffers;
using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>
/// The receiving side of a connection: frames are found where they lie in one buffer, and given out there. For one receiver at a time.
/// </summary>
/// <remarks>
/// A connection that waits keeps only a small buffer. A large one is rented when the small one was filled, and goes back when everything in it
/// was taken; whether more has come is then asked with an empty read, which needs none.
/// </remarks>
internal sealed class Inbox(TCPConnection connection)
{
    private const int SmallBytes = 256;
    private const int LargeBytes = 64 * 1024;

    // So few are moved to the front for the sake of the room behind them.
    private const int CheapBytes = 2048;

    private readonly byte[] _small = new byte[SmallBytes];
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _searched;
    private int _expected;
    private Pace _pace;
    private bool _hasEnded;
    private int _isBusy;
    private CancellationTokenSource? _interrupt;

    // Read by the watch.
    private long _waitsSince;
    private long _heardAt;
    private long _frameSince;
    private long _frameBytes;

    /// <summary>How much the peer sends at a time, by what was read last.</summary>
    private enum Pace
    {
        Slow,
        Fast,
        Full,
    }

    /// <summary>The frame found last; valid until the next one is looked for.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Whether the peer has ended its side, and everything was given out.</summary>
    public bool HasEnded => _hasEnded && _start == _end;

    /// <summary>Whether a part of a frame has arrived.</summary>
    public bool HasPartial => _start < _end;

    private Span<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Looks for the next frame; false where the peer has ended its side, or where the server comes to its end and nothing has arrived.</summary>
    public ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            if (!TryTake())
                return WaitAsync(cancellationToken);
        }
        catch
        {
            Leave();
            throw;
        }
        Leave();
        return new ValueTask<bool>(true);
    }

    /// <summary>Reads bytes past all framing: what lies in the buffer, then what comes.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            if (_start < _end)
            {
                var count = Math.Min(destination.Length, _end - _start);
                Unread[..count].CopyTo(destination.Span);
                _start += count;
                _searched = 0;
                return count;
            }
            if (_hasEnded)
                return 0;
            await connection.Outbox.FlushAsync(cancellationToken).ConfigureAwait(false);
            BeginWait();
            return await FillAsync(destination, cancellationToken).ConfigureAwait(false) is > 0 and var read ? read : 0;
        }
        finally
        {
            Volatile.Write(ref _waitsSince, 0);
            Leave();
        }
    }

    /// <summary>Wakes who waits: there may be a reason not to wait any longer.</summary>
    public void Interrupt() => Volatile.Read(ref _interrupt)?.Cancel();

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
        Current = default;
        _start = _end = 0;
        GiveBack();
        _interrupt?.Dispose();
    }

    private static bool IsOver(TimeSpan limit, TimeSpan elapsed) => limit != Timeout.InfiniteTimeSpan && elapsed >= limit;

    private void Enter()
    {
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
        Current = _buffer.AsMemory(_start + scan.Start, (int)scan.Length);
        _start += scan.Consumed;
        _searched = 0;
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            connection.ThrowIfUnreadable();
            if (_hasEnded)
                return Ended();
            Current = default;
            await connection.Outbox.FlushAsync(cancellationToken).ConfigureAwait(false);
            BeginWait();
            while (true)
            {
                await MakeRoomAsync(cancellationToken).ConfigureAwait(false);
                var room = _buffer.AsMemory(_end);
                var count = await FillAsync(room, cancellationToken).ConfigureAwait(false);
                if (count <= 0)
                {
                    if (count == 0 && _start < _end)
                        throw connection.Spoil(ErrorCodes.TcpClosedEarly, $"{connection.Endpoint} ended the connection in the middle of a frame.");
                    return Ended();
                }
                _pace = count < SmallBytes ? Pace.Slow : count < room.Length || ReferenceEquals(_buffer, _small) ? Pace.Fast : Pace.Full;
                _end += count;
                if (TryTake())
                    return true;
                NoteProgress(count);
            }
        }
        finally
        {
            Volatile.Write(ref _waitsSince, 0);
            Leave();
        }
    }

    private bool Ended()
    {
        connection.EndIsTold();
        return false;
    }

    /// <summary>Reads once; 0 at the peer's end, -1 where there is no more to wait for.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> FillAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The token first: who sets the flag then cancels it, so one of the two is seen.
            var token = connection.IsServed ? InterruptToken() : cancellationToken;
            if (connection.IsDraining && _start == _end && connection.End.Available == 0)
            {
                _hasEnded = true;
                return -1;
            }
            try
            {
                var pending = connection.Stream.ReadAsync(room, token);
                int count;
                if (pending.IsCompletedSuccessfully || !connection.IsServed || !cancellationToken.CanBeCanceled || cancellationToken == connection.Stopping)
                {
                    count = await pending.ConfigureAwait(false);
                }
                else
                {
                    using (cancellationToken.UnsafeRegister(static inbox => ((Inbox)inbox!).Interrupt(), this))
                        count = await pending.ConfigureAwait(false);
                }
                if (count == 0 && room.Length > 0)
                    _hasEnded = true;
                Bytes += count;
                return count;
            }
            catch (OperationCanceledException) when (!connection.IsBroken)
            {
                if (cancellationToken.IsCancellationRequested)
                    throw new OperationCanceledException(cancellationToken);
                Volatile.Write(ref _interrupt, null);
            }
            catch (Exception error) when (connection.Explain(error, NetworkPhase.Receive, cancellationToken) is { } explained)
            {
                throw explained;
            }
        }
    }

    private CancellationToken InterruptToken()
    {
        if (_interrupt is { IsCancellationRequested: false } source)
            return source.Token;
        var fresh = new CancellationTokenSource();
        Interlocked.Exchange(ref _interrupt, fresh);
        return fresh.Token;
    }

    private async ValueTask MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = _end = 0;
            // What was read filled the buffer: there is more.
            if (_pace == Pace.Full)
                return;
            GiveBack();
            if (_pace == Pace.Slow)
                return;
            // The peer sends much at a time; until it does so again, the buffer serves others.
            await FillAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            _buffer = ArrayPool<byte>.Shared.Rent(LargeBytes);
            return;
        }
        var partial = _end - _start;
        var wanted = Math.Max(_expected, partial + 1);
        // What a peer announces is not believed: the buffer grows with what has arrived.
        var size = wanted <= _buffer.Length ? _buffer.Length : Math.Min(wanted, 2 * _buffer.Length);
        if (size > SmallBytes || _pace != Pace.Slow)
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
            return;
        }
        (_start, _end) = (0, partial);
    }

    /// <summary>Back to the small buffer.</summary>
    private void GiveBack()
    {
        if (_buffer.Length > 0 && !ReferenceEquals(_buffer, _small))
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = _small;
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
