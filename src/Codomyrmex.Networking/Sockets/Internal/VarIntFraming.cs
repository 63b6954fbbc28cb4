using Codomyrmex.Networking.Sockets.Protocol;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>Frames behind their length, written with seven bits a byte.</summary>
internal sealed class VarIntFraming : Framing
{
    public override int Overhead => Leb128.MaxBytes;

    public override FrameScan Scan(ReadOnlySpan<byte> received, ref int searched)
    {
        var size = Leb128.Read(received, out var length);
        if (size == 0)
            return FrameScan.Incomplete();
        if (size < 0)
            return FrameScan.Malformed("sent a length that is no number of 63 bits in its shortest form");
        return received.Length - size >= (long)length
            ? FrameScan.Complete(size, (int)length, size + (int)length)
            : FrameScan.Incomplete(size, (long)length);
    }

    public override int WriteHeader(int length, Span<byte> destination) => Leb128.Write((ulong)length, destination);

    public override string ToString() => "varint";
}
