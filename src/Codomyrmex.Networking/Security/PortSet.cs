using System.Globalization;

namespace Codomyrmex.Networking.Security;

/// <summary>The ports of a rule: sorted, disjoint ranges.</summary>
internal sealed class PortSet
{
    private readonly (int First, int Last)[] _ranges;

    private PortSet((int, int)[] ranges) => _ranges = ranges;

    public bool Contains(int port)
    {
        foreach (var (first, last) in _ranges)
        {
            if (port >= first && port <= last)
                return true;
        }
        return false;
    }

    /// <summary>Reads <c>80,443,8000-8100</c>; null and the reason, naming the bad part, where it is none.</summary>
    public static PortSet? Parse(ReadOnlySpan<char> text, out string problem)
    {
        problem = "";
        var ranges = new List<(int First, int Last)>();
        foreach (var part in text.Split(','))
        {
            var item = text[part];
            var dash = item.IndexOf('-');
            if (!TryPort(dash < 0 ? item : item[..dash], out var first) || !TryPort(dash < 0 ? item : item[(dash + 1)..], out var last))
            {
                problem = $"'{item}' is not a port from 1 to 65535 or a range of such";
                return null;
            }
            if (last < first)
            {
                problem = $"the port range '{item}' ends before it starts";
                return null;
            }
            ranges.Add((first, last));
        }
        return new PortSet(Merge(ranges));
    }

    public override string ToString() => string.Join(',', _ranges.Select(static r => r.First == r.Last
        ? r.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{r.First}-{r.Last}")));

    private static bool TryPort(ReadOnlySpan<char> text, out int port)
    {
        // Five digits at most, so nothing can overflow; NumberStyles.None takes neither sign nor blanks.
        port = 0;
        return text.Length <= 5 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) &&
               port is >= 1 and <= 65535;
    }

    private static (int, int)[] Merge(List<(int First, int Last)> ranges)
    {
        ranges.Sort();
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges)
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            else
                merged.Add(range);
        }
        return [.. merged];
    }
}
