namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The counters of one host.</summary>
internal sealed class HostLedger(Endpoint host)
{
    private long _opened;
    private long _closed;
    private int _inFlight;

    public bool IsUnused => Volatile.Read(ref _inFlight) == 0 && Interlocked.Read(ref _opened) == Interlocked.Read(ref _closed);

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);

    public void Opened() => Interlocked.Increment(ref _opened);

    public void Closed() => Interlocked.Increment(ref _closed);

    /// <param name="busy">How many of its connections have a request under way.</param>
    public HostPoolStatistics Read(int busy)
    {
        // Closed first: a connection closed between the two reads must not make the difference negative.
        var closed = Interlocked.Read(ref _closed);
        var opened = Interlocked.Read(ref _opened);
        var open = (int)(opened - closed);
        return new HostPoolStatistics(host, open, Math.Max(0, open - busy), Volatile.Read(ref _inFlight), opened, closed);
    }
}
