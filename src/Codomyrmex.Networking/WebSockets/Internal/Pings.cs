namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>The pings of one connection that have not been answered. Thread-safe.</summary>
internal sealed class Pings(TimeProvider clock)
{
    // A peer that answers none must not make us remember all.
    private const int Kept = 64;

    private readonly Lock _gate = new();
    private readonly Queue<(long Number, long SentAt, TaskCompletionSource<TimeSpan> Answer)> _open = new();
    private long _last;
    private Task<TimeSpan> _latest = Task.FromResult(TimeSpan.Zero);
    private TimeSpan? _time;

    /// <summary>How long the last answer took; null before the first.</summary>
    public TimeSpan? Last
    {
        get
        {
            lock (_gate)
                return _time;
        }
    }

    public (long Number, Task<TimeSpan> Answer) Begin()
    {
        var answer = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_open.Count == Kept)
            {
                // As one with the latest: whoever waits for one of them hears of it.
                return (_last, _latest);
            }
            _open.Enqueue((++_last, clock.GetTimestamp(), answer));
            return (_last, _latest = answer.Task);
        }
    }

    /// <summary>An answer has come. A peer may answer the latest ping alone (RFC 6455, section 5.5.3): that answers those before it too.</summary>
    public void Answered(long number)
    {
        lock (_gate)
        {
            if (number > _last)
                return;
            while (_open.TryPeek(out var ping) && ping.Number <= number)
            {
                _open.Dequeue();
                _time = clock.GetElapsedTime(ping.SentAt);
                ping.Answer.TrySetResult(_time.Value);
            }
        }
    }
}
