namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The one cancellation source of an attempt: fires when the phase under way takes too long, when the total deadline passes, or when
/// the caller cancels, and remembers which. Not thread-safe but for firing.
/// </summary>
/// <remarks>Arming it again costs one timer change and no allocation, which is why every phase of a request can have a limit.</remarks>
internal sealed class PhaseTimer : IDisposable
{
    // What the system's timers can wait for.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly CancellationTokenSource _source;
    private CancellationTokenRegistration _caller;
    private CancellationToken _callerToken;
    private Deadline _deadline;
    private string _armed = ErrorCodes.TimeoutTotal;

    public PhaseTimer(TimeProvider clock)
    {
        Clock = clock;
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
    }

    public TimeProvider Clock { get; }

    public CancellationToken Token => _source.Token;

    /// <summary>The code of the timeout that is armed: of the one that fired, once the token is cancelled.</summary>
    public string Armed => _armed;

    public bool HasFired => _armed.Length > 0 && _source.IsCancellationRequested && !_callerToken.IsCancellationRequested;

    /// <summary>When it was started: a timestamp of its clock.</summary>
    public long StartedAt { get; private set; }

    /// <summary>Starts the timer for an attempt.</summary>
    public void Start(Deadline deadline, CancellationToken callerToken)
    {
        StartedAt = Clock.GetTimestamp();
        _deadline = deadline;
        _callerToken = callerToken;
        if (callerToken.CanBeCanceled)
            _caller = callerToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        var remaining = deadline.RemainingAt(StartedAt, Clock);
        Arm(Timeout.InfiniteTimeSpan, ErrorCodes.TimeoutTotal, remaining);
        // Nothing is sent for a deadline that has passed, however late the system's timer.
        if (remaining == TimeSpan.Zero)
            _source.Cancel();
    }

    /// <summary>Gives the phase that begins now its limit; the total deadline goes on holding.</summary>
    public void Arm(TimeSpan limit, string code) => Arm(limit, code, _deadline.Remaining);

    private void Arm(TimeSpan limit, string code, TimeSpan remaining)
    {
        if (_source.IsCancellationRequested)
            return;
        if (limit == Timeout.InfiniteTimeSpan || (_deadline.IsFinite && remaining <= limit))
        {
            _armed = ErrorCodes.TimeoutTotal;
            _source.CancelAfter(remaining < Longest ? remaining : Longest);
        }
        else
        {
            _armed = code;
            _source.CancelAfter(limit);
        }
    }

    /// <summary>Cancels what is under way; not a timeout.</summary>
    public void Cancel()
    {
        _armed = "";
        _source.Cancel();
    }

    /// <summary>Makes the timer ready for another attempt; false where it has fired and must be thrown away.</summary>
    public bool TryReset()
    {
        _caller.Dispose();
        _caller = default;
        _callerToken = default;
        return _source.TryReset();
    }

    public void Dispose()
    {
        _caller.Dispose();
        _source.Dispose();
    }
}
