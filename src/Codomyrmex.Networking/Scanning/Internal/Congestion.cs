namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// How many probes may be under way, and how many a second may follow each other, from what comes back: additive increase, multiplicative decrease
/// (RFC 5681), where a loss is known by a port that did not answer although it is known to. Times are ticks of the scan's clock.
/// </summary>
/// <remarks>
/// Going slower helps against a full queue, not against a bad link. Where the share of losses stays what it was although the rate has been cut four times, the
/// losses are the link's: the rate goes back to half of what it was and further losses do not lower it, unless they grow.
/// </remarks>
internal sealed class Congestion
{
    private const double LeastWindow = 4;
    private const double Weight = 1 / 32.0;
    private const int CutsUntilLinkIsBlamed = 4;

    private readonly double _mostWindow;
    private readonly double _leastRate;
    private readonly bool _mayBlameLink;
    private readonly long _interval;
    private readonly double _frequency;

    private double _threshold = double.PositiveInfinity;
    private double _share;
    private double _shareAtFirstCut;
    private double _rateAtFirstCut;
    private double _windowAtFirstCut;
    private int _cuts;
    private bool _blamesLink;
    private long _lastCut = long.MinValue / 2;
    private long _measuredFrom;
    private long _sent;
    private double _observed;

    /// <param name="frequency">Ticks a second.</param>
    /// <param name="window">Probes under way to begin with.</param>
    /// <param name="mostWindow">Probes under way at most.</param>
    /// <param name="leastRate">The rate below which it never falls.</param>
    /// <param name="mayBlameLink">Whether losses that no rate helps against are ignored; not where the peer itself counts what it answers.</param>
    public Congestion(long frequency, double window, double mostWindow, double leastRate, bool mayBlameLink)
    {
        _frequency = frequency;
        _interval = frequency / 10;
        _mostWindow = mostWindow;
        _leastRate = leastRate;
        _mayBlameLink = mayBlameLink;
        Window = Math.Min(window, mostWindow);
    }

    /// <summary>Probes that may be under way.</summary>
    public double Window { get; private set; }

    /// <summary>Probes a second; infinite as long as nothing was lost.</summary>
    public double Rate { get; private set; } = double.PositiveInfinity;

    /// <summary>How often it has slowed down.</summary>
    public int Cuts { get; private set; }

    /// <summary>The share of known-answering ports that did not answer of late.</summary>
    public double Share => _share;

    public void Sent(long now)
    {
        _sent++;
        if (now - _measuredFrom < _interval)
            return;
        _observed = _sent * _frequency / Math.Max(1, now - _measuredFrom);
        _measuredFrom = now;
        _sent = 0;
        if (Rate < double.PositiveInfinity && now - _lastCut > 2 * _interval)
            Rate *= 1.1;
    }

    public void Answered()
    {
        _share -= _share * Weight;
        Window = Math.Min(_mostWindow, Window + (Window < _threshold ? 1 : 1 / Window));
    }

    /// <summary>A port that was known to answer did. What else is silent is silent by itself, and no reason to send less.</summary>
    public void Confirmed()
    {
        if (Window < _threshold)
            Window = Math.Min(_mostWindow, Window * 1.5);
    }

    /// <summary>A probe that should have been answered was not.</summary>
    /// <param name="now">The time.</param>
    /// <param name="roundTrip">The round trip: what was sent before the last cut proves nothing about it.</param>
    public void Lost(long now, double roundTrip)
    {
        _share += (1 - _share) * Weight;
        if (now - _lastCut < Math.Max(2 * roundTrip, _interval) || (_blamesLink && _share < 1.5 * _shareAtFirstCut))
            return;
        if (_cuts == 0 || _blamesLink)
            (_cuts, _blamesLink, _shareAtFirstCut, _rateAtFirstCut, _windowAtFirstCut) = (0, false, _share, Math.Min(Rate, Observed(now)), Window);
        _lastCut = now;
        Cuts++;
        if (_mayBlameLink && ++_cuts > CutsUntilLinkIsBlamed && _share > 0.7 * _shareAtFirstCut)
        {
            _blamesLink = true;
            _shareAtFirstCut = Math.Max(_share, _shareAtFirstCut);
            (Rate, Window) = (Math.Max(_leastRate, _rateAtFirstCut / 2), Math.Max(LeastWindow, _windowAtFirstCut / 2));
            return;
        }
        Window = _threshold = Math.Max(LeastWindow, Window / 2);
        Rate = Math.Max(_leastRate, Math.Min(Rate, Observed(now)) / 2);
    }

    private double Observed(long now)
    {
        var elapsed = now - _measuredFrom;
        var lately = elapsed > 0 ? _sent * _frequency / elapsed : 0;
        return Math.Max(1, Math.Max(_observed, elapsed > _interval / 4 ? lately : 0));
    }
}
