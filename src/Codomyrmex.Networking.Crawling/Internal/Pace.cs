namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>How fast one host is asked. Not thread-safe: whoever changes it holds the frontier.</summary>
internal sealed class Pace(Politeness options, Dice dice)
{
    private TimeSpan _delay = options.Delay;
    private TimeSpan _asked;

    /// <summary>The pause as it is now, without chance.</summary>
    public TimeSpan Delay => _delay > _asked ? _delay : _asked;

    /// <summary>The pause that answers have come to; what robots.txt asks for may be longer.</summary>
    public TimeSpan Learned
    {
        get => _delay;
        set => _delay = Shorter(value > options.Delay ? value : options.Delay, options.MaxDelay);
    }

    /// <summary>Requests under way at most: a host that asks for pauses wants one after the other.</summary>
    public int Concurrency => _asked > TimeSpan.Zero ? 1 : options.Concurrency;

    /// <summary>robots.txt asks for a pause.</summary>
    public void Ask(TimeSpan? crawlDelay) => _asked = crawlDelay is { } delay ? Shorter(delay, options.MaxDelay) : TimeSpan.Zero;

    /// <summary>The pause until the next request.</summary>
    public TimeSpan Next()
    {
        if (Delay == TimeSpan.Zero)
            return TimeSpan.Zero;
        var pause = options.Jitter == 0 ? Delay : Delay * (1 - options.Jitter + (2 * options.Jitter * dice.NextDouble()));
        return pause > _asked ? pause : _asked;
    }

    /// <summary>
    /// Takes in how long an answer took: the pause comes half-way to the one with which as many requests as wanted would be under way. A bad answer is often
    /// a quick one, and never makes us faster.
    /// </summary>
    public void Learn(TimeSpan latency, bool isGood)
    {
        if (!options.AutoThrottle)
            return;
        var target = latency / options.TargetConcurrency;
        var next = target > _delay ? target : (_delay + target) / 2;
        if (!isGood && next < _delay)
            return;
        _delay = Shorter(next > options.Delay ? next : options.Delay, options.MaxDelay);
    }

    /// <summary>How long to leave the host alone after a number of failures in a row, where it does not say.</summary>
    public TimeSpan BackOff(int failures)
    {
        var wait = options.BackOff * Math.Pow(2, Math.Min(Math.Max(failures, 1) - 1, 20));
        wait = Shorter(wait, options.MaxRetryAfter);
        // Everybody who was refused at the same time would come back at the same time.
        return wait * (1 + (0.25 * dice.NextDouble()));
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
