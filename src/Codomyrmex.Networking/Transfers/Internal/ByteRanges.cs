namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>The parts of a file that are there: ranges in order, none touching the next. Thread-safe.</summary>
internal sealed class ByteRanges
{
    private readonly Lock _lock = new();
    private readonly List<(long From, long To)> _ranges = [];

    /// <summary>How many bytes are there.</summary>
    public long Count
    {
        get
        {
            lock (_lock)
                return _ranges.Sum(range => range.To - range.From);
        }
    }

    /// <summary>The offset behind the last byte that is there.</summary>
    public long End
    {
        get
        {
            lock (_lock)
                return _ranges.Count == 0 ? 0 : _ranges[^1].To;
        }
    }

    public void Add(long from, long to)
    {
        lock (_lock)
        {
            var at = _ranges.FindIndex(range => range.To >= from);
            if (at < 0)
            {
                _ranges.Add((from, to));
                return;
            }
            var behind = at;
            while (behind < _ranges.Count && _ranges[behind].From <= to)
            {
                from = Math.Min(from, _ranges[behind].From);
                to = Math.Max(to, _ranges[behind].To);
                behind++;
            }
            _ranges.RemoveRange(at, behind - at);
            _ranges.Insert(at, (from, to));
        }
    }

    public void Clear()
    {
        lock (_lock)
            _ranges.Clear();
    }

    /// <summary>Forgets what lies behind an offset.</summary>
    public void CutAt(long end)
    {
        lock (_lock)
        {
            _ranges.RemoveAll(range => range.From >= end);
            if (_ranges.Count > 0 && _ranges[^1].To > end)
                _ranges[^1] = (_ranges[^1].From, end);
        }
    }

    /// <summary>What is missing of a file of this size; of one whose size is not known, everything behind the last byte too.</summary>
    public List<(long From, long To)> Gaps(long? total)
    {
        lock (_lock)
        {
            var gaps = new List<(long, long)>();
            long at = 0;
            foreach (var (from, to) in _ranges)
            {
                if (from > at)
                    gaps.Add((at, from));
                at = to;
            }
            if (at < (total ?? long.MaxValue))
                gaps.Add((at, total ?? long.MaxValue));
            return gaps;
        }
    }

    /// <summary>The ranges as pairs of numbers, one behind the other.</summary>
    public long[] ToPairs()
    {
        lock (_lock)
            return [.. _ranges.SelectMany(range => (long[])[range.From, range.To])];
    }

    /// <summary>Reads pairs back; null where they are not in order or lie outside of the file.</summary>
    public static ByteRanges? OfPairs(long[] pairs, long? total)
    {
        var ranges = new ByteRanges();
        if (pairs.Length % 2 != 0)
            return null;
        long at = -1;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] <= at || pairs[i + 1] <= pairs[i] || pairs[i + 1] > (total ?? long.MaxValue))
                return null;
            ranges._ranges.Add((pairs[i], pairs[i + 1]));
            at = pairs[i + 1];
        }
        return ranges;
    }
}
