namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// A set of addresses as sorted blocks that do not touch: each address has an index, and the way there and back takes a search among the
/// blocks, however many addresses they hold.
/// </summary>
internal sealed class AddressBlocks
{
    private readonly AddressBlock[] _blocks;
    private readonly long[] _before;

    /// <param name="blocks">The blocks, in any order; together at most 2⁶² addresses.</param>
    /// <param name="without">What to leave out; of any size.</param>
    public AddressBlocks(IEnumerable<AddressBlock> blocks, IEnumerable<AddressBlock> without)
    {
        _blocks = [.. Subtract(Merge(blocks), Merge(without))];
        _before = new long[_blocks.Length];
        for (var i = 0; i < _blocks.Length; i++)
        {
            _before[i] = Count;
            Count += (long)_blocks[i].Span + 1;
        }
    }

    public long Count { get; }

    public ReadOnlySpan<AddressBlock> Blocks => _blocks;

    public IPBits this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var at = Array.BinarySearch(_before, index);
            var block = at >= 0 ? at : ~at - 1;
            return new IPBits(_blocks[block].First + (UInt128)(index - _before[block]), _blocks[block].IsIPv4);
        }
    }

    /// <summary>The index of an address; -1 where it is not among them.</summary>
    public long IndexOf(IPBits address)
    {
        address = address.Unmapped;
        var at = Array.BinarySearch(_blocks, new AddressBlock(address.IsIPv4, address.Value, address.Value));
        var block = at >= 0 ? at : ~at - 1;
        if (block < 0 || _blocks[block].IsIPv4 != address.IsIPv4 || address.Value > _blocks[block].Last)
            return -1;
        return _before[block] + (long)(address.Value - _blocks[block].First);
    }

    /// <summary>The blocks in order, those that overlap or touch as one.</summary>
    private static List<AddressBlock> Merge(IEnumerable<AddressBlock> blocks)
    {
        var merged = new List<AddressBlock>();
        foreach (var block in blocks.Order())
        {
            // The last address of a family has none behind it; what begins later then lies within.
            if (merged.Count > 0 && merged[^1] is var last && last.IsIPv4 == block.IsIPv4 && (last.Last == UInt128.MaxValue || block.First <= last.Last + 1))
                merged[^1] = last with { Last = UInt128.Max(last.Last, block.Last) };
            else
                merged.Add(block);
        }
        return merged;
    }

    private static IEnumerable<AddressBlock> Subtract(List<AddressBlock> blocks, List<AddressBlock> without)
    {
        var next = 0;
        foreach (var whole in blocks)
        {
            var block = whole;
            while (next < without.Count && IsBefore(without[next], block))
                next++;
            var isUsedUp = false;
            for (var i = next; i < without.Count && !isUsedUp && without[i].IsIPv4 == block.IsIPv4 && without[i].First <= block.Last; i++)
            {
                if (without[i].First > block.First)
                    yield return block with { Last = without[i].First - 1 };
                isUsedUp = without[i].Last >= block.Last;
                if (!isUsedUp)
                    block = block with { First = without[i].Last + 1 };
            }
            if (!isUsedUp)
                yield return block;
        }
    }

    private static bool IsBefore(AddressBlock one, AddressBlock other) =>
        one.IsIPv4 != other.IsIPv4 ? one.IsIPv4 : one.Last < other.First;
}
