using System.Collections;
using System.Globalization;

namespace Codomyrmex.Networking.Scanning;

/// <summary>
/// Ports of one protocol in ascending order, each once. Kept as ranges: all 65,535 take no more memory than one. Immutable and thread-safe;
/// enumerating it with <c>foreach</c> allocates nothing.
/// </summary>
public sealed class PortList : IReadOnlyList<int>, IEquatable<PortList>
{
    private readonly (ushort First, ushort Last)[] _ranges;

    // How many ports stand before each range, for the way from an index to its port.
    private readonly int[] _before;

    internal PortList((ushort First, ushort Last)[] ranges)
    {
        _ranges = ranges;
        _before = new int[ranges.Length];
        for (var i = 0; i < ranges.Length; i++)
        {
            _before[i] = Count;
            Count += ranges[i].Last - ranges[i].First + 1;
        }
    }

    internal static PortList Empty { get; } = new([]);

    /// <summary>How many ports there are, 0 to 65,535.</summary>
    public int Count { get; }

    internal ReadOnlySpan<(ushort First, ushort Last)> Ranges => _ranges;

    /// <summary>The port at a position of the ascending order.</summary>
    /// <param name="index">The position, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such position.</exception>
    public int this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var at = Array.BinarySearch(_before, index);
            var range = at >= 0 ? at : ~at - 1;
            return _ranges[range].First + index - _before[range];
        }
    }

    /// <summary>Whether a port is among them. Any number may be asked about.</summary>
    /// <param name="port">The port.</param>
    public bool Contains(int port)
    {
        var (low, high) = (0, _ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (port < _ranges[middle].First)
                high = middle - 1;
            else if (port > _ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }
        return false;
    }

    /// <summary>Goes through the ports without allocating.</summary>
    public Enumerator GetEnumerator() => new(_ranges);

    IEnumerator<int> IEnumerable<int>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(PortList? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PortList);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var range in _ranges)
            hash.Add(range);
        return hash.ToHashCode();
    }

    /// <summary>The ports as ranges: <c>22,80,8000-8100</c>; empty text for none.</summary>
    public override string ToString() => string.Join(',', _ranges.Select(static range => range.First == range.Last
        ? range.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}")));

    /// <summary>Goes through the ports in ascending order.</summary>
    public struct Enumerator : IEnumerator<int>
    {
        private readonly (ushort First, ushort Last)[] _ranges;
        private int _range;
        private int _next;

        internal Enumerator((ushort First, ushort Last)[] ranges)
        {
            _ranges = ranges;
            _next = ranges.Length == 0 ? 0 : ranges[0].First;
        }

        /// <inheritdoc/>
        public int Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext()
        {
            if (_range == _ranges.Length)
                return false;
            Current = _next++;
            if (Current == _ranges[_range].Last && ++_range < _ranges.Length)
                _next = _ranges[_range].First;
            return true;
        }

        /// <inheritdoc/>
        public void Reset() => this = new Enumerator(_ranges);

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
