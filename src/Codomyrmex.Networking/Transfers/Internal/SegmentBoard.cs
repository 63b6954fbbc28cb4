namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>
/// Hands out what is missing of a file. When nothing is left, the slowest connection gives half of its rest away. Thread-safe.
/// </summary>
internal sealed class SegmentBoard(IEnumerable<(long From, long To)> gaps)
{
    /// <summary>Less than this is not worth a request: a piece is several buffers long, so that a split never touches bytes that were read.</summary>
    public const long SmallestPiece = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<Segment> _free = new(gaps.Select(gap => new Segment(gap.From, gap.To)));
    private readonly List<Segment> _taken = [];

    /// <summary>A segment to fetch; null where there is nothing to do.</summary>
    public Segment? Claim()
    {
        lock (_lock)
        {
            if (!_free.TryDequeue(out var segment))
                segment = _taken.MaxBy(taken => taken.Remaining)?.Split(SmallestPiece);
            if (segment is not null)
                _taken.Add(segment);
            return segment;
        }
    }
}
