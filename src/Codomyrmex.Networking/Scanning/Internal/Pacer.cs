namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>A bucket of tokens: probes a second, spread evenly, with a burst of two milliseconds' worth. Times are ticks of the scan's clock.</summary>
/// <param name="perSecond">The rate; infinite for none.</param>
/// <param name="frequency">Ticks a second.</param>
/// <param name="tokens">Tokens to begin with.</param>
internal sealed class Pacer(double perSecond, long frequency, double tokens = 1)
{
    private double _tokens = tokens;
    private long _filledAt = long.MinValue;

    /// <summary>Takes a token, where there is one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="ceiling">A rate that holds besides; infinite for none.</param>
    public bool TryTake(long now, double ceiling = double.PositiveInfinity)
    {
        var rate = Math.Min(perSecond, ceiling);
        if (double.IsPositiveInfinity(rate))
            return true;
        if (_filledAt == long.MinValue)
            _filledAt = now;
        _tokens = Math.Min(Math.Max(1, rate * 0.002), _tokens + (now - _filledAt) * rate / frequency);
        _filledAt = now;
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }

    /// <summary>Gives a token back that was not used.</summary>
    public void Return() => _tokens++;
}
