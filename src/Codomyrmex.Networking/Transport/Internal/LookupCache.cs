using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Answers by name, for as long as they count, at most <paramref name="capacity"/> of them: a crawler asks for more names than memory
/// should hold. Reading takes no lock and allocates nothing. Safe to share between threads.
/// </summary>
internal sealed class LookupCache(ResolverOptions options, TimeProvider clock, int capacity)
{
    private readonly ConcurrentDictionary<string, Lookup> _lookups = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _writing = new();
    private int _count;

    internal int Count => _count;

    internal Lookup? Find(ReadOnlySpan<char> name) =>
        _lookups.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var lookup) && clock.GetTimestamp() < lookup.Expires
            ? lookup
            : null;

    internal void Store(string name, Lookup lookup)
    {
        var keep = TimeToKeep(lookup);
        if (keep <= TimeSpan.Zero)
            return;
        var ticks = keep.TotalSeconds * clock.TimestampFrequency;
        var now = clock.GetTimestamp();
        lookup = lookup with { Expires = ticks >= long.MaxValue - now ? long.MaxValue : now + (long)ticks };
        lock (_writing)
        {
            if (!_lookups.ContainsKey(name))
            {
                if (_count >= capacity)
                    MakeRoom(now);
                _count++;
            }
            _lookups[name] = lookup;
        }
    }

    internal void Remove(string name)
    {
        lock (_writing)
            Drop(name);
    }

    private TimeSpan TimeToKeep(Lookup lookup)
    {
        if (lookup.Failure is { } failure)
            return failure.Code == ErrorCodes.DnsNotFound ? options.NegativeTimeToLive : TimeSpan.Zero;
        var answer = lookup.TimeToLive ?? options.DefaultTimeToLive;
        return answer < options.MaxTimeToLive ? answer : options.MaxTimeToLive;
    }

    /// <summary>Drops what has expired, or where nothing has, what expires first.</summary>
    private void MakeRoom(long now)
    {
        string? first = null;
        var earliest = long.MaxValue;
        foreach (var (name, lookup) in _lookups)
        {
            if (lookup.Expires <= now)
                Drop(name);
            else if (first is null || lookup.Expires < earliest)
                (first, earliest) = (name, lookup.Expires);
        }
        if (_count >= capacity && first is not null)
            Drop(first);
    }

    private void Drop(string name)
    {
        if (_lookups.TryRemove(name, out _))
            _count--;
    }
}
