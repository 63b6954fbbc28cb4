namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>
/// Leave to ask the hosts of a crawl, for a while and for a number of pages, that all runs of this machine share. The time is that of the clock that only goes forward, read before each
/// visit: a process that stood still begins nothing of what it was allowed before. Safe to share between threads.
/// </summary>
internal sealed class FetchLease(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private long _until;
    private int _left;
    private int _begun;
    private int _begunSince;

    /// <summary>Whether it is in force.</summary>
    public bool IsInForce => Time > TimeSpan.Zero;

    /// <summary>For how long it is.</summary>
    public TimeSpan Time
    {
        get
        {
            lock (_lock)
                return clock.Span(_until - clock.GetTimestamp());
        }
    }

    /// <summary>What is under way, and what may still be begun; more than is wanted is given back.</summary>
    public (int UnderWay, int Left) Look(int wanted)
    {
        lock (_lock)
        {
            _left = Math.Min(_left, wanted);
            _begunSince = 0;
            return (_begun, _left);
        }
    }

    /// <summary>Lends it.</summary>
    /// <param name="until">Up to when, as a time stamp of the clock.</param>
    /// <param name="pages">Pages that may be begun, from when <see cref="Look"/> was last called.</param>
    public void Allow(long until, int pages)
    {
        lock (_lock)
            (_until, _left) = (until, pages - _begunSince);
    }

    public bool TryBegin()
    {
        lock (_lock)
        {
            if (_left <= 0 || clock.GetTimestamp() >= _until)
                return false;
            _left--;
            _begun++;
            _begunSince++;
            return true;
        }
    }

    /// <summary>A visit brought no page.</summary>
    public void Return()
    {
        lock (_lock)
        {
            _left++;
            _begun--;
            _begunSince--;
        }
    }

    /// <summary>Pages that were begun are written down, or will never be.</summary>
    public void Settle(int pages)
    {
        lock (_lock)
            _begun -= pages;
    }
}
