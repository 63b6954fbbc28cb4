namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// A rate that is lent for a while, and that the scans of one process share: it can be changed while they go on, and once its time is over nothing
/// more is sent until it is lent again. Safe to share between threads.
/// </summary>
/// <remarks>
/// The time is that of the clock that only goes forward, read right before each probe: a process that was stopped and goes on later sends nothing of what it was
/// allowed before.
/// </remarks>
internal sealed class LeasedPace(TimeProvider clock)
{
    // Two milliseconds' worth, as a Pacer has it.
    private const double Burst = 0.002;

    private readonly Lock _lock = new();
    private double _perSecond;
    private double _tokens;
    private long _filledAt;
    private long _until = long.MinValue;
    private long _taken;

    /// <summary>Probes that it has let through.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Lends a rate.</summary>
    /// <param name="perSecond">Probes a second; infinite for no limit.</param>
    /// <param name="until">Up to when, as a timestamp of the clock.</param>
    public void Allow(double perSecond, long until)
    {
        lock (_lock)
        {
            Fill(clock.GetTimestamp());
            (_perSecond, _until) = (perSecond, until);
            _tokens = Math.Min(_tokens, Most);
        }
    }

    /// <summary>Takes it back.</summary>
    public void Stop() => Allow(0, long.MinValue);

    /// <summary>Whether a probe may leave now.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (now >= _until)
                return false;
            if (!double.IsPositiveInfinity(_perSecond))
            {
                Fill(now);
                if (_tokens < 1)
                    return false;
                _tokens--;
            }
            _taken++;
            return true;
        }
    }

    /// <summary>Gives back what was not used.</summary>
    public void Return()
    {
        lock (_lock)
        {
            _tokens++;
            _taken--;
        }
    }

    private double Most => Math.Max(1, _perSecond * Burst);

    private void Fill(long now)
    {
        if (!double.IsPositiveInfinity(_perSecond))
            _tokens = Math.Min(Most, _tokens + (now - _filledAt) * _perSecond / clock.TimestampFrequency);
        _filledAt = now;
    }
}
