namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The timer of an attempt, whose token all of it heeds: fires when the phase under way takes too long, when the total deadline passes, or when
/// the caller cancels, and remembers which. Not thread-safe but for firing.
/// </summary>
/// <remarks>
/// Every phase of a request can have a limit, since to arm it again is to write a time down: the system's timer rings at the first of these
/// times, looks whether it has been moved away meanwhile, and if so rings again then. One that is used for request after request sets the
/// system's timer hardly ever.
/// </remarks>
internal sealed class PhaseTimer : IDisposable
{
    private const long Never = long.MaxValue;
    private const long Fired = long.MinValue;

    // What the system's timers can wait for.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly CancellationTokenSource _source = new();
    private readonly Lock _ringing = new();
    private readonly ITimer _alarm;
    private CancellationTokenRegistration _caller;
    private CancellationToken _callerToken;
    private string _armed = ErrorCodes.TimeoutTotal;

    // Timestamps of the clock: when the attempt must be over, when the timer fires, and when it looks whether to fire, which is no later.
    private long _endsAt = Never;
    private long _firesAt = Never;
    private long _ringsAt = Never;

    public PhaseTimer(TimeProvider clock)
    {
        Clock = clock;
        // It serves one caller after another: what flows with the first is none of the others' business.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            _alarm = clock.CreateTimer(static timer => ((PhaseTimer)timer!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public TimeProvider Clock { get; }

    public CancellationToken Token => _source.Token;

    /// <summary>The code of the timeout that is armed: of the one that fired, once the token is cancelled.</summary>
    public string Armed => _armed;

    public bool HasFired => _armed.Length > 0 && _source.IsCancellationRequested && !_callerToken.IsCancellationRequested;

    /// <summary>When it was started: a timestamp of its clock.</summary>
    public long StartedAt { get; private set; }

    /// <summary>Starts the timer for an attempt.</summary>
    /// <param name="now">A timestamp of its clock.</param>
    /// <param name="end">When the attempt must be over, by the same clock; <see cref="long.MaxValue"/> for no end.</param>
    /// <param name="callerToken">The caller's.</param>
    public void Start(long now, long end, CancellationToken callerToken)
    {
        StartedAt = now;
        _endsAt = end;
        _callerToken = callerToken;
        if (callerToken.CanBeCanceled)
            _caller = callerToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        FireAt(end, ErrorCodes.TimeoutTotal);
        // Nothing is sent for a deadline that has passed, however late the system's timer.
        if (end <= now)
            _source.Cancel();
    }

    /// <summary>Gives the phase that begins now its limit; the total deadline goes on holding.</summary>
    public void Arm(TimeSpan limit, string code)
    {
        var end = Deadline.After(limit, Clock).EndOn(Clock);
        if (end < _endsAt)
            FireAt(end, code);
        else
            FireAt(_endsAt, ErrorCodes.TimeoutTotal);
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
        return Interlocked.Exchange(ref _firesAt, Never) != Fired && _source.TryReset();
    }

    // The source holds nothing that needs disposing of, and an alarm that rings right now may still cancel it.
    public void Dispose()
    {
        _caller.Dispose();
        _alarm.Dispose();
    }

    private void FireAt(long time, string code)
    {
        if (_source.IsCancellationRequested)
            return;
        // A full fence: an alarm that rings now sees this time, or this thread sees that it has rung.
        if (Interlocked.Exchange(ref _firesAt, time) == Fired)
        {
            _firesAt = Fired;
            return;
        }
        _armed = code;
        if (time < Volatile.Read(ref _ringsAt))
            RingAt(time);
    }

    private void RingAt(long time)
    {
        lock (_ringing)
        {
            if (time >= _ringsAt)
                return;
            Volatile.Write(ref _ringsAt, time);
            // Rounded up to what the system's timers know, so as not to ring right before the time.
            var wait = Math.Ceiling(Clock.GetElapsedTime(Clock.GetTimestamp(), time).TotalMilliseconds);
            _alarm.Change(TimeSpan.FromMilliseconds(Math.Clamp(wait, 0, Longest.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
    }

    private void Ring()
    {
        Interlocked.Exchange(ref _ringsAt, Never);
        var time = Volatile.Read(ref _firesAt);
        while (time <= Clock.GetTimestamp())
        {
            // Unless it has just been moved away, or the attempt is over.
            var seen = Interlocked.CompareExchange(ref _firesAt, Fired, time);
            if (seen == time)
            {
                _source.Cancel();
                return;
            }
            time = seen;
        }
        RingAt(time);
    }
}
