using System.Buffers;
using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>
/// The sending side of a connection: frames are gathered in one buffer and leave together. For any number of senders; their frames never
/// mix. Who finds nobody sending does it, for all that has been gathered; who comes meanwhile adds to the next round.
/// </summary>
/// <remarks>
/// It is held for some instructions at a time, and never while anything is waited for: so by spinning, which costs a frame half of what a monitor does. The
/// lock is no object of its own, as that would be memory of every connection.
/// </remarks>
internal sealed class Outbox(TCPConnection connection)
{
    /// <summary>What may wait to be sent; who brings more waits too.</summary>
    public const int GatheredBytes = 64 * 1024;

    /// <summary>Payloads from this size on are sent from where they lie.</summary>
    private const int DirectBytes = 16 * 1024;

    private SpinLock _gate = new(enableThreadOwnerTracking: false);
    private byte[] _gathered = [];
    private int _count;
    private int _lastRound;
    private bool _isSending;
    private bool _hasEnded;
    private TaskCompletionSource? _nextRound;

    // Read by the watch.
    private long _sendingSince;

    public long Bytes { get; private set; }

    public bool HasEnded => _hasEnded;

    /// <summary>Adds a frame, and sends everything where that is asked for or much has been gathered.</summary>
    /// <param name="payload">The frame's payload.</param>
    /// <param name="flush">Whether it is sent now.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="parameter">What the caller calls the payload.</param>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> payload, bool flush, CancellationToken cancellationToken, string parameter = "frame")
    {
        // Nothing has begun yet: a call that is cancelled already breaks nothing.
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        var framing = connection.Framing;
        Check(framing, payload.Span, parameter);
        var isLarge = payload.Length >= DirectBytes;
        using (new Hold(ref _gate))
        {
            ThrowIfClosed();
            if (_isSending && (isLarge || _count >= GatheredBytes))
                return WaitAndWriteAsync(NextRound(), payload, flush, cancellationToken);
            if (!isLarge)
            {
                Append(framing, payload.Span);
                if (!flush && _count < GatheredBytes)
                    return default;
            }
            if (_isSending)
                return new ValueTask(NextRound().WaitAsync(cancellationToken));
            _isSending = true;
        }
        return isLarge ? SendDirectlyAsync(payload, cancellationToken) : SendGatheredAsync(cancellationToken);
    }

    /// <summary>Adds bytes past all framing and sends everything.</summary>
    public async ValueTask WriteRawAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            Task round;
            using (new Hold(ref _gate))
            {
                ThrowIfClosed();
                if (!_isSending)
                {
                    _isSending = true;
                    break;
                }
                round = NextRound();
            }
            await round.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        await SendDirectlyAsync(bytes, cancellationToken, isFrame: false).ConfigureAwait(false);
    }

    /// <summary>Sends what has been gathered.</summary>
    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _count) == 0)
        {
            // What a receive has begun to send may be lost.
            connection.ThrowIfUnsendable(WasSent.Maybe);
            return default;
        }
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        using (new Hold(ref _gate))
        {
            if (_count == 0)
                return default;
            connection.ThrowIfBroken(WasSent.Never);
            connection.ThrowIfUnsendable(WasSent.Never);
            if (_isSending)
                return new ValueTask(NextRound().WaitAsync(cancellationToken));
            _isSending = true;
        }
        return SendGatheredAsync(cancellationToken);
    }

    /// <summary>Sees to it that what has been gathered leaves; where it cannot, the connection is broken and says why.</summary>
    public void BeginFlush()
    {
        if (Volatile.Read(ref _count) == 0)
            return;
        using (new Hold(ref _gate))
        {
            if (_count == 0 || !connection.MaySend)
                return;
            if (_isSending)
            {
                // There is a next round where somebody waits for it.
                NextRound();
                return;
            }
            _isSending = true;
        }
        _ = GoOnAsync();
    }

    /// <summary>No more can be added; sends what has been, also what others are sending right now.</summary>
    /// <returns>Whether it was this call that ended it.</returns>
    public async ValueTask<bool> EndAsync(CancellationToken cancellationToken)
    {
        using (new Hold(ref _gate))
        {
            if (_hasEnded)
                return false;
            _hasEnded = true;
        }
        while (true)
        {
            Task? round = null;
            using (new Hold(ref _gate))
            {
                if (_isSending)
                    round = NextRound();
                else if (_count == 0)
                    return true;
                else
                    _isSending = true;
            }
            if (round is null)
                await SendGatheredAsync(cancellationToken).ConfigureAwait(false);
            else
                await round.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Completes when nothing is being sent, whatever became of it.</summary>
    public async Task SettleAsync()
    {
        Task round;
        using (new Hold(ref _gate))
        {
            if (!_isSending)
                return;
            round = NextRound();
        }
        await round.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Whether a limit has been overstepped: the code and what happened.</summary>
    public (string Code, string What)? Overstepped(long now)
    {
        var since = Volatile.Read(ref _sendingSince);
        var limit = connection.Limits.Write;
        return since != 0 && limit != Timeout.InfiniteTimeSpan && connection.Clock.GetElapsedTime(since, now) >= limit
            ? (ErrorCodes.TimeoutIdle, $"took nothing of what was sent for {TCPConnection.Seconds(limit)}")
            : null;
    }

    /// <summary>Gives the buffer back, where nobody sends.</summary>
    public void Close()
    {
        using (new Hold(ref _gate))
        {
            _hasEnded = true;
            if (_isSending)
                return;
            GiveBack(_gathered);
            _gathered = [];
            _count = 0;
        }
    }

    private static void GiveBack(byte[] buffer)
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void ThrowIfClosed()
    {
        connection.ThrowIfBroken(WasSent.Never);
        connection.ThrowIfUnsendable(WasSent.Never);
        if (_hasEnded)
            throw new InvalidOperationException("This side of the connection has been ended; nothing can be sent.");
    }

    private Task NextRound() => (_nextRound ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Append(Framing framing, ReadOnlySpan<byte> payload)
    {
        MakeRoom(payload.Length + (2 * framing.Overhead));
        _count += framing.WriteHeader(payload.Length, _gathered.AsSpan(_count));
        payload.CopyTo(_gathered.AsSpan(_count));
        _count += payload.Length;
        _count += framing.WriteTrailer(_gathered.AsSpan(_count));
    }

    private static void Check(Framing framing, ReadOnlySpan<byte> payload, string parameter)
    {
        try
        {
            framing.Check(payload);
        }
        catch (ArgumentException wrong) when (wrong.ParamName is { } name && name != parameter)
        {
            // What the framing calls it, the caller has never heard of.
            throw new ArgumentException(wrong.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal), parameter, wrong);
        }
    }

    private async ValueTask WaitAndWriteAsync(Task round, ReadOnlyMemory<byte> payload, bool flush, CancellationToken cancellationToken)
    {
        await round.WaitAsync(cancellationToken).ConfigureAwait(false);
        await WriteAsync(payload, flush, cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendGatheredAsync(CancellationToken cancellationToken)
    {
        byte[] bytes;
        int count;
        TaskCompletionSource? round;
        using (new Hold(ref _gate))
            (bytes, count, round) = TakeRound();
        try
        {
            await SendAsync(bytes.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            EndRound(bytes, round, error);
            throw;
        }
        EndRound(bytes, round, null);
    }

    private async ValueTask SendDirectlyAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken, bool isFrame = true)
    {
        byte[] bytes;
        int count, inside;
        TaskCompletionSource? round;
        var framing = connection.Framing;
        using (new Hold(ref _gate))
        {
            // The payload's beginning goes along with its header, so that they leave in one packet.
            inside = isFrame ? Math.Min(payload.Length, 1024) : 0;
            if (isFrame)
                AppendHead(framing, payload.Length, payload.Span[..inside]);
            (bytes, count, round) = TakeRound();
        }
        try
        {
            if (count > 0)
                await SendAsync(bytes.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            for (var rest = payload[inside..]; rest.Length > 0;)
            {
                // A piece at a time, so that a peer that takes some is told from one that takes nothing.
                var piece = rest[..Math.Min(rest.Length, 128 * 1024)];
                await SendAsync(piece, cancellationToken).ConfigureAwait(false);
                rest = rest[piece.Length..];
            }
            if (isFrame && Trailer(framing) is { Length: > 0 } trailer)
                await SendAsync(trailer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            EndRound(bytes, round, error);
            throw;
        }
        EndRound(bytes, round, null);
    }

    private void AppendHead(Framing framing, int length, ReadOnlySpan<byte> beginning)
    {
        MakeRoom(beginning.Length + framing.Overhead);
        _count += framing.WriteHeader(length, _gathered.AsSpan(_count));
        beginning.CopyTo(_gathered.AsSpan(_count));
        _count += beginning.Length;
    }

    /// <summary>At least so much behind what is gathered. The first room is what the last round took, as the next one may well do.</summary>
    private void MakeRoom(int bytes)
    {
        var wanted = _count + bytes;
        if (_gathered.Length >= wanted)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, _gathered.Length == 0 ? _lastRound : 2 * _gathered.Length));
        _gathered.AsSpan(0, _count).CopyTo(larger);
        GiveBack(_gathered);
        _gathered = larger;
    }

    private static byte[] Trailer(Framing framing)
    {
        var trailer = new byte[framing.Overhead];
        return trailer[..framing.WriteTrailer(trailer)];
    }

    /// <summary>Takes what has been gathered, to send it. For who holds the lock.</summary>
    private (byte[] Bytes, int Count, TaskCompletionSource? Round) TakeRound()
    {
        var taken = (_gathered, _count, _nextRound);
        (_gathered, _count, _nextRound, _lastRound) = ([], 0, null, Math.Min(_count, GatheredBytes));
        return taken;
    }

    private void EndRound(byte[] bytes, TaskCompletionSource? round, Exception? error)
    {
        GiveBack(bytes);
        // One sender's cancellation is no other's.
        var others = error is OperationCanceledException ? connection.Broken(WasSent.Maybe) : error;
        TaskCompletionSource? waiting;
        bool goOn;
        using (new Hold(ref _gate))
        {
            // Somebody waits for what was gathered meanwhile.
            waiting = _nextRound;
            goOn = error is null && _count > 0 && waiting is not null;
            _isSending = goOn;
            if (!goOn)
                _nextRound = null;
        }
        Complete(round, others);
        if (goOn)
            _ = GoOnAsync();
        else
            Complete(waiting, others);
    }

    private async Task GoOnAsync()
    {
        try
        {
            await SendGatheredAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is NetworkException or OperationCanceledException)
        {
            // Who sends or receives next is told.
        }
    }

    private static void Complete(TaskCompletionSource? round, Exception? error)
    {
        if (error is null)
        {
            round?.TrySetResult();
        }
        else if (round is not null)
        {
            round.TrySetException(error);
            // Nobody may be left to look.
            _ = round.Task.Exception;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            var pending = connection.Stream.WriteAsync(bytes, cancellationToken);
            if (!pending.IsCompletedSuccessfully)
                Volatile.Write(ref _sendingSince, connection.Clock.GetTimestamp() | 1);
            await pending.ConfigureAwait(false);
            Bytes += bytes.Length;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !connection.IsBroken)
        {
            // A part of it may have left; what would follow could not be read.
            connection.Break(new NetworkFailure
            {
                Code = ErrorCodes.TcpReset,
                Message = $"The connection to {connection.Endpoint} was broken off because a send was cancelled halfway.",
                Phase = NetworkPhase.Send,
                Endpoint = connection.Endpoint,
                WasSent = WasSent.Maybe,
            });
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception error) when (connection.Explain(error, NetworkPhase.Send, cancellationToken) is { } explained)
        {
            throw explained;
        }
        finally
        {
            Volatile.Write(ref _sendingSince, 0);
        }
    }

    private readonly ref struct Hold : IDisposable
    {
        private readonly ref SpinLock _gate;

        public Hold(ref SpinLock gate)
        {
            _gate = ref gate;
            var isTaken = false;
            _gate.Enter(ref isTaken);
        }

        public void Dispose() => _gate.Exit(useMemoryBarrier: false);
    }
}
