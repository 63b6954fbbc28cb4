namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The probes under way, each in its slot, and when they are given up. Allocates nothing once it is made. Touched by the engine's thread alone.</summary>
internal sealed class Flights
{
    private readonly Flight[] _flights;
    private readonly int[] _free;
    private readonly int[] _active;
    private readonly int[] _benched;
    private int _freeCount;
    private int _benchedCount;
    private int _bound;

    public Flights(int slots)
    {
        _flights = new Flight[slots];
        _free = new int[slots];
        _active = new int[slots];
        _benched = new int[slots];
        // The lowest is taken first and handed out again first: no more sockets are opened than are needed at a time.
        for (var i = 0; i < slots; i++)
            _free[i] = slots - 1 - i;
        _freeCount = slots;
    }

    public int Count { get; private set; }

    /// <summary>No probe is given up before this time.</summary>
    public long NextExpiry { get; set; } = long.MaxValue;

    public ref Flight this[int slot] => ref _flights[slot];

    /// <summary>A free slot below a bound; -1 where there is none.</summary>
    public int Take(int bound)
    {
        if (bound > _bound && _benchedCount > 0)
            Recall();
        _bound = bound;
        while (_freeCount > 0)
        {
            var slot = _free[--_freeCount];
            // The wire turned out to have less room than it thought: slots beyond it wait until it has more.
            if (slot < bound)
                return slot;
            _benched[_benchedCount++] = slot;
        }
        return -1;
    }

    // The lowest first again: those have been opened already.
    private void Recall()
    {
        _benched.AsSpan(0, _benchedCount).CopyTo(_free.AsSpan(_freeCount));
        _freeCount += _benchedCount;
        _benchedCount = 0;
        Array.Sort(_free, 0, _freeCount);
        Array.Reverse(_free, 0, _freeCount);
    }

    /// <summary>Gives a slot back that was taken for nothing.</summary>
    public void Return(int slot) => _free[_freeCount++] = slot;

    public void Start(int slot, in Flight flight)
    {
        _flights[slot] = flight;
        _flights[slot].Position = Count;
        _active[Count++] = slot;
        NextExpiry = Math.Min(NextExpiry, flight.ExpiresAt);
    }

    public void End(int slot)
    {
        var position = _flights[slot].Position;
        var last = _active[--Count];
        _active[position] = last;
        _flights[last].Position = position;
        _flights[slot].Host = null!;
        Return(slot);
    }

    /// <summary>The slots of probes whose time is over, into a buffer; how many of them there are.</summary>
    /// <param name="now">The time.</param>
    /// <param name="expired">Where they go; those that find no room are found by the next call.</param>
    /// <param name="pause">How long nobody need ask again where nothing is left that expires sooner.</param>
    public int Expired(long now, Span<int> expired, long pause)
    {
        if (now < NextExpiry)
            return 0;
        var count = 0;
        var next = long.MaxValue;
        for (var i = 0; i < Count; i++)
        {
            var at = _flights[_active[i]].ExpiresAt;
            if (at > now)
                next = Math.Min(next, at);
            else if (count < expired.Length)
                expired[count++] = _active[i];
            else
                next = now;
        }
        // All are looked at each time, so not for each alone.
        NextExpiry = next <= now ? now : Math.Max(next, now + pause);
        return count;
    }
}
