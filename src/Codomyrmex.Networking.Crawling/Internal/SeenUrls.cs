namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>The URLs that are known, as keys. Thread-safe.</summary>
internal sealed class SeenUrls(int limit)
{
    private readonly HashSet<UInt128> _keys = [];
    private readonly Lock _lock = new();

    public int Count
    {
        get
        {
            lock (_lock)
                return _keys.Count;
        }
    }

    /// <summary>Remembers a URL.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="isFull">Whether it would be new, but there is no room.</param>
    /// <returns>Whether it is new.</returns>
    public bool Add(UInt128 key, out bool isFull)
    {
        lock (_lock)
        {
            isFull = _keys.Count >= limit && !_keys.Contains(key);
            return !isFull && _keys.Add(key);
        }
    }

    public bool Has(UInt128 key)
    {
        lock (_lock)
            return _keys.Contains(key);
    }

    /// <summary>Remembers a URL that was known in an earlier run: there is always room.</summary>
    public void AddKnown(UInt128 key)
    {
        lock (_lock)
            _keys.Add(key);
    }
}
