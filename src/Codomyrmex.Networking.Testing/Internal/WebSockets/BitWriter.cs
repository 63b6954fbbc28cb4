namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>Packs bits into octets, the lowest first.</summary>
internal sealed class BitWriter(int capacity)
{
    private readonly List<byte> _bytes = new(capacity);
    private ulong _bits;
    private int _count;

    public void Write(int value, int count)
    {
        _bits |= (ulong)(uint)value << _count;
        for (_count += count; _count >= 8; _count -= 8, _bits >>= 8)
            _bytes.Add((byte)_bits);
    }

    /// <summary>What was written, the last octet filled up with zeros.</summary>
    public byte[] ToArray() => _count == 0 ? [.. _bytes] : [.. _bytes, (byte)_bits];
}
