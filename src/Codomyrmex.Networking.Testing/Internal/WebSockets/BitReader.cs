namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>Bits of octets, the lowest first, as DEFLATE packs them.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _next, _count;
    private ulong _bits;

    public readonly bool IsAtEnd => _count == 0 && _next == _bytes.Length;

    /// <summary>The next bits without taking them; zeros behind the end.</summary>
    public int Peek(int count)
    {
        while (_count < count && _next < _bytes.Length)
        {
            _bits |= (ulong)_bytes[_next++] << _count;
            _count += 8;
        }
        return (int)(_bits & ((1UL << count) - 1));
    }

    public void Skip(int count)
    {
        if (count > _count)
            throw Bad("The data ends in the middle.");
        _bits >>= count;
        _count -= count;
    }

    public int Take(int count)
    {
        var value = Peek(count);
        Skip(count);
        return value;
    }

    public void Align() => Skip(_count & 7);

    /// <summary>The octets of a stored block.</summary>
    public ReadOnlySpan<byte> TakeStored()
    {
        Align();
        var (length, complement) = (Take(16), Take(16));
        if ((length ^ 0xFFFF) != complement)
            throw Bad("A stored block's length does not fit its complement.");
        var start = _next - (_count / 8);
        if (length > _bytes.Length - start)
            throw Bad("The data ends in the middle.");
        _next = start + length;
        _bits = 0;
        _count = 0;
        return _bytes.Slice(start, length);
    }

    public static ClientFaultException Bad(string problem) => new(1007, "A compressed message is no DEFLATE data. " + problem);
}
