using System.Threading.Tasks.Sources;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The time that a first attempt has before the second one starts, and the token that cancels it alone. Used again where nothing came of it, so that
/// waiting for a fast answer allocates nothing.
/// </summary>
internal sealed class HedgeRace : IValueTaskSource<bool>, IDisposable
{
    private const int Running = 1;
    private const int Over = 2;

    private readonly CancellationTokenSource _source = new();
    private readonly Action _answered;
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _caller;
    private TimeSpan _delay;
    private long _startedAt;
    private int _state;

    public HedgeRace(TimeProvider clock)
    {
        Clock = clock;
        _answered = Answered;
        Cancel = _source.Cancel;
        _timer = clock.CreateTimer(static race => ((HedgeRace)race!).Fired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public TimeProvider Clock { get; }

    public CancellationToken Token => _source.Token;

    public Action Cancel { get; }

    public void Follow(CancellationToken caller) =>
        _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);

    /// <summary>Waits until the first attempt has ended, or its time is over: true for the former.</summary>
    public ValueTask<bool> WaitAsync(Task first, TimeSpan delay)
    {
        _core.Reset();
        (_delay, _startedAt) = (delay, Clock.GetTimestamp());
        Volatile.Write(ref _state, Running);
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
        first.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_answered);
        return new ValueTask<bool>(this, _core.Version);
    }

    /// <summary>Makes it ready for another request whose first attempt has ended; false where it must be thrown away.</summary>
    public bool TryReset()
    {
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _caller.Dispose();
        return _source.TryReset();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Answered() => End(isAnswered: true);

    private void Fired()
    {
        // A timer that was stopped may already be on its way here, and would count for the next request.
        if (Clock.GetElapsedTime(_startedAt) >= _delay / 2)
            End(isAnswered: false);
    }

    private void End(bool isAnswered)
    {
        if (Interlocked.CompareExchange(ref _state, Over, Running) == Running)
            _core.SetResult(isAnswered);
    }
}
