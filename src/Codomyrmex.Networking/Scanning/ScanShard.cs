using System.Globalization;

namespace Codomyrmex.Networking.Scanning;

/// <summary>
/// One part of a scan that several machines share: of the order that the seed gives, every <see cref="Count"/>th probe from the
/// <see cref="Index"/>th on. With the same targets, ports and seed, the shards together are the whole scan, and no probe is in two of them.
/// </summary>
public readonly record struct ScanShard
{
    /// <summary>Makes a shard.</summary>
    /// <param name="index">Which, from 1.</param>
    /// <param name="count">Of how many, 1 to 10,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    public ScanShard(int index, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 10_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(index, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, count);
        (First, Step) = (index - 1, count - 1);
    }

    // Kept as what the default value makes right: 1/1.
    private int First { get; }

    private int Step { get; }

    /// <summary>Which shard, from 1.</summary>
    public int Index => First + 1;

    /// <summary>Of how many.</summary>
    public int Count => Step + 1;

    /// <summary>Whether it is the whole scan.</summary>
    public bool IsWhole => Count == 1;

    /// <summary>Reads <c>2/5</c>: the second of five.</summary>
    /// <param name="text">The shard.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static ScanShard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && int.TryParse(text.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var index) &&
            int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 10_000 && index >= 1 && index <= count)
        {
            return new ScanShard(index, count);
        }
        throw new FormatException($"'{Printable.Text(text, 40)}' is no shard; write 2/5 for the second of five.");
    }

    /// <summary>How many of a scan's probes are in this shard.</summary>
    internal ulong LengthOf(ulong probes) => probes <= (ulong)First ? 0 : ((probes - (ulong)First - 1) / (ulong)Count) + 1;

    /// <summary>The place in the order of the whole scan.</summary>
    internal ulong PlaceOf(ulong ownPlace) => (ulong)First + (ownPlace * (ulong)Count);

    /// <summary><c>2/5</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");
}
