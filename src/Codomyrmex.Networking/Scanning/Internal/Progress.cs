namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Makes statistics of counts. Safe to share between threads.</summary>
internal sealed class Progress(TimeProvider clock)
{
    private readonly long _startedAt = clock.GetTimestamp();
    private readonly Lock _lock = new();
    private long _measuredAt = clock.GetTimestamp();
    private long _sentThen;
    private double _rate;

    public ScanStatistics Of(ScanCounts counts, long hosts, long ports)
    {
        var now = clock.GetTimestamp();
        var elapsed = clock.GetElapsedTime(_startedAt, now);
        double rate;
        lock (_lock)
        {
            var since = clock.GetElapsedTime(_measuredAt, now);
            // The first is told early, but not of a moment that says nothing.
            if (since >= TimeSpan.FromSeconds(1) || (_rate == 0 && since >= TimeSpan.FromMilliseconds(100)))
            {
                _rate = (counts.Sent - _sentThen) / since.TotalSeconds;
                (_measuredAt, _sentThen) = (now, counts.Sent);
            }
            rate = _rate;
        }
        var done = counts.PortsDone;
        return new ScanStatistics
        {
            Elapsed = elapsed,
            Hosts = hosts,
            HostsDone = Math.Min(hosts, counts.HostsDone),
            Ports = ports,
            PortsDone = done,
            Open = counts.Open,
            Closed = counts.Closed,
            Filtered = counts.Filtered,
            OpenOrFiltered = counts.OpenOrFiltered,
            ProbesSent = counts.Sent,
            InFlight = counts.InFlight,
            ProbesPerSecond = rate,
            Recall = counts.Recall,
            Remaining = done == 0 ? null : elapsed * ((double)(ports - done) / done),
        };
    }
}
