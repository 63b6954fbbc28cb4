namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>How long to wait for a host's answer, from the round trips seen (RFC 6298). Times are ticks of the scan's clock. A mutable value.</summary>
internal struct RoundTrips(long initial, long least, long most)
{
    private double _variation;

    /// <summary>The smoothed round trip; zero where none was seen.</summary>
    public double Smoothed { get; private set; }

    /// <summary>The wait for an answer.</summary>
    public long Timeout { get; private set; } = initial;

    /// <summary>Takes a round trip into account (RFC 6298, sections 2.2 and 2.3).</summary>
    public void Add(long trip)
    {
        if (Smoothed == 0)
        {
            Smoothed = trip;
            _variation = trip / 2.0;
        }
        else
        {
            _variation = 0.75 * _variation + 0.25 * Math.Abs(Smoothed - trip);
            Smoothed = 0.875 * Smoothed + 0.125 * trip;
        }
        Timeout = Math.Clamp((long)(Smoothed + 4 * _variation), least, most);
    }

    /// <summary>The wait for an answer to a repeat: twice as long, in case the host is slow rather than silent.</summary>
    public readonly long Repeated => Math.Min(2 * Timeout, Math.Max(most, Timeout));
}
