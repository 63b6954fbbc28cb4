namespace Codomyrmex.Networking.Security;

/// <summary>
/// The rows of one family, cut into disjoint pieces, each with the most specific row that covers it: a look-up is one binary search.
/// </summary>
internal sealed class SpecialUseIndex
{
    private readonly UInt128[] _starts;
    private readonly SpecialUseRange?[] _rows;

    public SpecialUseIndex(IEnumerable<SpecialUseRange> rows, bool isIPv4)
    {
        var family = rows.Where(row => row.Range.Network.IsIPv4 == isIPv4)
            .OrderByDescending(static row => row.Range.PrefixLength).ToArray();
        var starts = new SortedSet<UInt128> { UInt128.Zero };
        foreach (var row in family)
        {
            starts.Add(row.Range.First.Value);
            // The piece after the last address of all does not exist: the sum wraps to zero, which is there already.
            starts.Add(row.Range.Last.Value + UInt128.One);
        }
        _starts = [.. starts];
        _rows = Array.ConvertAll(_starts, start => Array.Find(family, row => row.Range.Contains(new IPBits(start, isIPv4))));
    }

    public SpecialUseRange? Find(UInt128 address)
    {
        // Array.BinarySearch boxes in code that is not optimized yet. The first piece starts at zero, so there always is an answer.
        var low = 0;
        var high = _starts.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_starts[middle] <= address)
                low = middle;
            else
                high = middle - 1;
        }
        return _rows[low];
    }
}
