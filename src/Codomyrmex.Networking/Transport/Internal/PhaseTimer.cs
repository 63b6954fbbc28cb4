namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The one cancellation source of an attempt: fires when the phase under way takes too long, when the total deadline passes, or when
/// the caller cancels, and remembers which. Not thread-safe but for firing.
/// </summary>
/// <remarks>
/// Every phase of a request has a limit, and nearly every limit is lifted before it is reached. So arming only notes when time will be
/// up. The system's timer, once set, is left alone: when it goes off it looks at that note, and cancels or goes back to sleep.
/// </remarks>
internal sealed class PhaseTimer : IDisposable
{
    // Values of _due that are no point in time.
    private const long Never = long.MaxValue;
    private const long HasPassed = long.MinValue;

    private readonly CancellationTokenSource _source = new();
    private readonly Lock _setting = new();
    private readonly ITimer _alarm;
    private CancellationTokenRegistration _caller;
    private CancellationToken _callerToken;
    private string _armed = ErrorCodes.TimeoutTotal;
    private long _end = Never;
    private long _due = Never;
    private long _alarmAt = Never;

    public PhaseTimer(TimeProvider clock)
    {
        Clock = clock;
        if (ExecutionContext.IsFlowSuppressed())
        {
            _alarm = MakeAlarm();
            return;
        }
        // The alarm outlives the request that happens to make it: it must not hold on to what flows with that one.
        using (ExecutionContext.SuppressFlow())
            _alarm = MakeAlarm();
    }

    public TimeProvider Clock { get; }

    public CancellationToken Token => _source.Token;

    /// <summary>The code of the timeout that is armed: of the one that fired, once the token is cancelled.</summary>
    public string Armed => _armed;

    public bool HasFired => Volatile.Read(ref _due) == HasPassed && !_callerToken.IsCancellationRequested;

    /// <summary>Starts the timer for an attempt.</summary>
    public void Start(Deadline deadline, CancellationToken callerToken)
    {
        _end = deadline.IsFinite ? After(deadline.Remaining) : Never;
        _callerToken = callerToken;
        if (callerToken.CanBeCanceled)
            _caller = callerToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        Arm(Timeout.InfiniteTimeSpan, ErrorCodes.TimeoutTotal);
        // Nothing is sent for a deadline that has passed, however late the alarm.
        if (deadline.IsExpired)
            Wake();
    }

    /// <summary>Gives the phase that begins now its limit; the total deadline goes on holding.</summary>
    public void Arm(TimeSpan limit, string code)
    {
        var due = limit == Timeout.InfiniteTimeSpan ? Never : After(limit);
        if (due >= _end)
            (due, code) = (_end, ErrorCodes.TimeoutTotal);
        var before = Volatile.Read(ref _due);
        if (before == HasPassed || _source.IsCancellationRequested || Interlocked.CompareExchange(ref _due, due, before) != before)
            return;
        _armed = code;
        // An alarm that goes off sooner will see the note. Wake() takes its own alarm back before it reads the note, so that one of
        // the two always sees the other's change.
        if (due < Volatile.Read(ref _alarmAt))
            SetAlarm(due);
    }

    /// <summary>Cancels what is under way; not a timeout.</summary>
    public void Cancel()
    {
        if (Volatile.Read(ref _due) is var before and not HasPassed)
            Interlocked.CompareExchange(ref _due, Never, before);
        _source.Cancel();
    }

    /// <summary>Makes the timer ready for another attempt; false where it has fired and must be thrown away.</summary>
    public bool TryReset()
    {
        _caller.Dispose();
        _caller = default;
        _callerToken = default;
        return Interlocked.Exchange(ref _due, Never) != HasPassed && _source.TryReset();
    }

    public void Dispose()
    {
        _caller.Dispose();
        _alarm.Dispose();
        // The source holds nothing that needs disposing, and an alarm that is going off just now may still cancel it.
    }

    private ITimer MakeAlarm() =>
        Clock.CreateTimer(static timer => ((PhaseTimer)timer!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private long After(TimeSpan span)
    {
        var ticks = span.TotalSeconds * Clock.TimestampFrequency;
        var now = Clock.GetTimestamp();
        return ticks >= Never - now ? Never : now + (long)ticks;
    }

    private void Wake()
    {
        Interlocked.Exchange(ref _alarmAt, Never);
        var due = Volatile.Read(ref _due);
        if (due is Never or HasPassed)
            return;
        if (due > Clock.GetTimestamp())
            SetAlarm(due);
        else if (Interlocked.CompareExchange(ref _due, HasPassed, due) == due)
            _source.Cancel();
        else
            Wake();
    }

    private void SetAlarm(long due)
    {
        lock (_setting)
        {
            if (due >= _alarmAt)
                return;
            Volatile.Write(ref _alarmAt, due);
            // Rounded up, since the system's timers count whole milliseconds and would go off just before the time.
            var wait = Math.Ceiling(Clock.GetElapsedTime(Clock.GetTimestamp(), due).TotalMilliseconds);
            _alarm.Change(TimeSpan.FromMilliseconds(Math.Max(0, wait)), Timeout.InfiniteTimeSpan);
        }
    }
}
