using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>
/// What has been received and not asked for: one reader puts it in by the batch, one receiver takes all that is there at once, so that a burst of small
/// messages costs both of them one lock. Bounded by bytes: a reader that finds it full waits, and the peer with it.
/// </summary>
internal sealed class PieceQueue(long limit) : IValueTaskSource<bool>
{
    // What an empty piece costs to keep.
    private const int Overhead = 32;
    private const int SmallArray = 64;

    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _arrival = new() { RunContinuationsAsynchronously = true };
    private Piece[] _pieces = [];
    private int _count;
    private long _bytes;
    private bool _isReceiverWaiting;
    private bool _isComplete;
    private bool _discards;
    private bool _hasDiscarded;
    private TaskCompletionSource? _space;
    private volatile bool _wantsParts;
    private Piece _offer;
    private bool _isOffering;

    /// <summary>Whether the reader must wait, since the receiver does not ask for what is there.</summary>
    public bool IsFull => Volatile.Read(ref _bytes) >= limit && !Volatile.Read(ref _discards);

    /// <summary>Whether a receiver reads a message while it arrives, and wants each part at once.</summary>
    public bool WantsParts
    {
        get => _wantsParts;
        set
        {
            if (_wantsParts == value)
                return;
            bool wake;
            lock (_gate)
            {
                _wantsParts = value;
                wake = value && TakeOffer();
            }
            if (wake)
                _arrival.SetResult(true);
        }
    }

    /// <summary>Messages that have arrived whole.</summary>
    public long Messages { get; private set; }

    /// <summary>Adds a batch whose pieces lie in one buffer.</summary>
    /// <param name="batch">The pieces.</param>
    /// <param name="wasted">What their buffer holds besides, which is kept with them.</param>
    public void Add(Span<Piece> batch, int wasted = 0)
    {
        if (batch.IsEmpty)
            return;
        bool wake;
        lock (_gate)
            wake = Put(batch, wasted);
        if (wake)
            _arrival.SetResult(true);
    }

    /// <summary>Shows a part of a message, of which more is being read. A receiver that wants parts, or begins to, gets it.</summary>
    public void Offer(in Piece part)
    {
        bool wake;
        lock (_gate)
        {
            (_offer, _isOffering) = (part, true);
            wake = _wantsParts && TakeOffer();
        }
        if (wake)
            _arrival.SetResult(true);
    }

    /// <summary>Ends an offer. To be called before the part's buffer is used for anything else.</summary>
    /// <returns>Whether the receiver got the part.</returns>
    public bool Withdraw()
    {
        lock (_gate)
        {
            var isTaken = !_isOffering;
            (_offer, _isOffering) = (default, false);
            return isTaken;
        }
    }

    /// <summary>Waits until there is room.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_bytes < limit || _discards)
                return Task.CompletedTask;
            return (_space ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        bool wake;
        lock (_gate)
        {
            _isComplete = true;
            (wake, _isReceiverWaiting) = (_isReceiverWaiting, false);
        }
        if (wake)
            _arrival.SetResult(true);
    }

    /// <summary>From now on the reader does not wait for the receiver: what there is no room for is dropped. For a connection that closes.</summary>
    public void DiscardWhatDoesNotFit()
    {
        TaskCompletionSource? space;
        lock (_gate)
        {
            _discards = true;
            (space, _space) = (_space, null);
        }
        space?.TrySetResult();
    }

    /// <summary>Takes all that is there, in exchange for an array that is not needed any more.</summary>
    public int TakeAll(ref Piece[] used)
    {
        TaskCompletionSource? space;
        int count;
        lock (_gate)
        {
            count = _count;
            if (count == 0)
                return 0;
            (used, _pieces) = (_pieces, used.Length > SmallArray && count <= SmallArray ? [] : used);
            _count = 0;
            _bytes = 0;
            (space, _space) = (_space, null);
        }
        space?.TrySetResult();
        return count;
    }

    /// <summary>Waits until something is there.</summary>
    /// <returns>False where nothing is, and nothing more comes.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ValueTask<bool> arrival;
        lock (_gate)
        {
            if (_count > 0)
                return true;
            if (_isComplete)
                return false;
            _isReceiverWaiting = true;
            _arrival.Reset();
            arrival = new ValueTask<bool>(this, _arrival.Version);
        }
        if (!cancellationToken.CanBeCanceled)
        {
            await arrival.ConfigureAwait(false);
        }
        else
        {
            using (cancellationToken.UnsafeRegister(static (queue, token) => ((PieceQueue)queue!).StopWaiting(token), this))
                await arrival.ConfigureAwait(false);
        }
        lock (_gate)
            return _count > 0;
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _arrival.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    /// <summary>Within the lock.</summary>
    /// <returns>Whether the receiver is to be woken.</returns>
    private bool Put(Span<Piece> batch, int wasted)
    {
        // Once something is missing, what comes after it would be taken for the rest of its message.
        _hasDiscarded |= _discards && _bytes >= limit;
        if (_isComplete || _hasDiscarded)
            return false;
        var last = batch[^1];
        batch[^1] = last with { Marks = last.Marks | PieceMarks.EndsBatch };
        last.Buffer.Hold();
        if (_count + batch.Length > _pieces.Length)
            Array.Resize(ref _pieces, Math.Max(Math.Max(SmallArray, _pieces.Length * 2), _count + batch.Length));
        batch.CopyTo(_pieces.AsSpan(_count));
        _count += batch.Length;
        var bytes = (long)wasted;
        foreach (ref readonly var piece in batch)
        {
            bytes += piece.Length + Overhead;
            if (piece.Is(PieceMarks.Last))
                Messages++;
        }
        _bytes += bytes;
        var wake = _isReceiverWaiting;
        _isReceiverWaiting = false;
        return wake;
    }

    private bool TakeOffer()
    {
        if (!_isOffering)
            return false;
        _isOffering = false;
        return Put(new Span<Piece>(ref _offer), wasted: 0);
    }

    private void StopWaiting(CancellationToken token)
    {
        lock (_gate)
        {
            if (!_isReceiverWaiting)
                return;
            _isReceiverWaiting = false;
        }
        _arrival.SetException(new OperationCanceledException(token));
    }
}
