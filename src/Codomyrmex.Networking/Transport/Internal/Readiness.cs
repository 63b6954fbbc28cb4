using System.Threading.Tasks.Sources;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Whether a descriptor may be ready for one kind of call, and who waits for that: one at a time, without an allocation. It is taken back before the
/// kernel is asked, so that nothing that happens in between is missed. A wait may end for nothing: who waited asks the kernel again.
/// </summary>
internal sealed class Readiness : IValueTaskSource
{
    private const int No = 0;
    private const int Maybe = 1;
    private const int Awaited = 2;
    private const int Closed = 3;

    private int _state = Maybe;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private CancellationToken _token;
    private CancellationTokenRegistration _cancellation;

    public bool IsAwaited => Volatile.Read(ref _state) == Awaited;

    /// <summary>Whether it may be ready. If so that is taken back, until it is told again.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, No, Maybe) switch
    {
        Maybe => true,
        No => false,
        Awaited => throw Busy(),
        _ => throw new ObjectDisposedException(nameof(LoopStream)),
    };

    /// <summary>Waits until it may be ready, or is closed.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (IsAwaited)
            throw Busy();
        var version = _wait.Version;
        _token = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (self, token) => ((Readiness)self!).Cancel(token), this);
        if (Interlocked.CompareExchange(ref _state, Awaited, No) != No)
            End(error: null, here: true);
        else if (cancellationToken.IsCancellationRequested)
            Cancel(cancellationToken);
        return new ValueTask(this, version);
    }

    /// <summary>It may be ready. Who waits goes on somewhere else.</summary>
    public void Set()
    {
        if (Mark())
            Wake(here: false);
    }

    /// <summary>It may be ready; whether somebody waits for that, whom the caller is to <see cref="Wake"/>.</summary>
    public bool Mark()
    {
        var state = Volatile.Read(ref _state);
        while (state != Closed && Interlocked.CompareExchange(ref _state, Maybe, state) is var now && now != state)
            state = now;
        return state == Awaited;
    }

    /// <summary>Ends the wait, where <see cref="Mark"/> said so.</summary>
    /// <param name="here">Whether who waited goes on where this is called.</param>
    public void Wake(bool here) => End(error: null, here);

    /// <summary>Who waits, now or later, waits no more.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _state, Closed) == Awaited)
            End(error: null, here: false);
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _wait.GetResult(token);
        }
        finally
        {
            // Now, not before the next wait: what waited may be all that keeps a stream alive that nobody else remembers.
            _wait.Reset();
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private static InvalidOperationException Busy() => new("Another call of this kind is under way on the connection.");

    private void Cancel(CancellationToken token)
    {
        if (Interlocked.CompareExchange(ref _state, No, Awaited) != Awaited)
            return;
        // The wait that the token was for may be over, and this the next one.
        End(token == _token ? new OperationCanceledException(token) : null, here: false);
    }

    /// <summary>Ends the wait. For whoever took the state out of being awaited, and so for one at a time.</summary>
    private void End(Exception? error, bool here)
    {
        _cancellation.Dispose();
        _cancellation = default;
        _wait.RunContinuationsAsynchronously = !here;
        if (error is null)
            _wait.SetResult(true);
        else
            _wait.SetException(error);
    }
}
