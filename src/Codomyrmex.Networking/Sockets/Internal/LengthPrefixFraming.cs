using Codomyrmex.Networking.Sockets.Protocol;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>Frames behind their length.</summary>
internal sealed class LengthPrefixFraming : Framing
{
    private readonly int _size;
    private readonly bool _isLittle;

    public LengthPrefixFraming(int bytes, ByteOrder order)
    {
        if (bytes is not (1 or 2 or 4 or 8))
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "A length has 1, 2, 4 or 8 bytes.");
        _size = bytes;
        _isLittle = order == ByteOrder.LittleEndian;
    }

    public override int Overhead => _size;

    public override FrameScan Scan(ReadOnlySpan<byte> received, ref int searched)
    {
        if (received.Length < _size)
            return FrameScan.Incomplete();
        var length = LengthPrefix.Read(received, _size, _isLittle);
        // A number of eight bytes may be larger than any length.
        if (length > long.MaxValue / 2)
            return FrameScan.Incomplete(_size, long.MaxValue / 2);
        return (ulong)(received.Length - _size) >= length
            ? FrameScan.Complete(_size, (int)length, _size + (int)length)
            : FrameScan.Incomplete(_size, (long)length);
    }

    public override void Check(ReadOnlySpan<byte> payload)
    {
        if (_size < 4 && payload.Length >> (8 * _size) != 0)
            throw new ArgumentException($"A frame of {payload.Length} bytes has a length that {_size} bytes cannot hold.", nameof(payload));
    }

    public override int WriteHeader(int length, Span<byte> destination)
    {
        LengthPrefix.Write((ulong)length, destination, _size, _isLittle);
        return _size;
    }

    public override string ToString() => $"length:{_size}{(_isLittle ? "le" : "")}";
}
