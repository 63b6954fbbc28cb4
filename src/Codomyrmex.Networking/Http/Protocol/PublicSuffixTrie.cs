using System.Buffers.Binary;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>
/// The public suffix list in the binary form that <c>./dev psl</c> makes: labels from right to left as a tree, the children of a node side by side and in
/// order. A look-up compares bytes in place and allocates nothing.
/// </summary>
/// <remarks>
/// <c>"PSL1"</c>, the list's date as the number yyyymmdd (4 bytes), how many nodes are top-level domains (2), how many there are (2); the nodes, 8 bytes each: where
/// their label begins among the labels (2), its length (1), <see cref="IsRule"/> and its like (1), the first child (2), how many (2); the labels. Little-endian.
/// </remarks>
internal readonly ref struct PublicSuffixTrie
{
    public const int HeadBytes = 12, NodeBytes = 8;

    /// <summary>Flags of a node: it ends a rule; every child of it is a suffix (<c>*.x</c>); it is none although its parent says so (<c>!y.x</c>).</summary>
    public const byte IsRule = 1, IsWildcard = 2, IsException = 4;

    private readonly ReadOnlySpan<byte> _nodes;
    private readonly ReadOnlySpan<byte> _labels;
    private readonly int _roots;

    public PublicSuffixTrie(ReadOnlySpan<byte> data)
    {
        if (!data.StartsWith("PSL1"u8))
            throw new FormatException("These are not public suffixes.");
        Date = BinaryPrimitives.ReadInt32LittleEndian(data[4..]);
        _roots = BinaryPrimitives.ReadUInt16LittleEndian(data[8..]);
        var end = HeadBytes + (NodeBytes * BinaryPrimitives.ReadUInt16LittleEndian(data[10..]));
        _nodes = data[HeadBytes..end];
        _labels = data[end..];
    }

    /// <summary>When the list was published, as the number yyyymmdd.</summary>
    public int Date { get; }

    /// <summary>Where in a name its public suffix begins (publicsuffix.org, "Formal Algorithm"); a top-level domain that is not listed is one.</summary>
    /// <param name="name">A name in its one spelling: lower case, ASCII, no dot at its end.</param>
    public int SuffixStart(ReadOnlySpan<char> name)
    {
        var suffix = name.LastIndexOf('.') + 1;
        var (first, count, isWildcard) = (0, _roots, false);
        for (var end = name.Length; ;)
        {
            var start = name[..end].LastIndexOf('.') + 1;
            if (isWildcard)
                suffix = start;
            if (Find(first, count, name[start..end]) is not (>= 0 and var node))
                return suffix;
            var flags = _nodes[(node * NodeBytes) + 3];
            if ((flags & IsException) != 0)
                return end + 1;
            if ((flags & IsRule) != 0)
                suffix = start;
            if (start == 0)
                return suffix;
            (first, count, isWildcard) = (Number(node, 4), Number(node, 6), (flags & IsWildcard) != 0);
            end = start - 1;
        }
    }

    private int Find(int first, int count, ReadOnlySpan<char> label)
    {
        var (low, high) = (first, first + count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = Compare(_labels.Slice(Number(middle, 0), _nodes[(middle * NodeBytes) + 2]), label);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }

    private int Number(int node, int at) => BinaryPrimitives.ReadUInt16LittleEndian(_nodes[((node * NodeBytes) + at)..]);

    private static int Compare(ReadOnlySpan<byte> ours, ReadOnlySpan<char> label)
    {
        for (var i = 0; i < ours.Length && i < label.Length; i++)
        {
            if (ours[i] != label[i])
                return ours[i] - label[i];
        }
        return ours.Length - label.Length;
    }
}
