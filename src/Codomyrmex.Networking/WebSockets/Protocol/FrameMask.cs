using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.WebSockets.Protocol;

/// <summary>
/// The masks of a client's frames (RFC 6455, sections 5.3 and 10.3): fresh for each frame, and from the system's cryptographic generator, so that no
/// page can choose the bytes that a proxy on the way sees. They are drawn by the kilobyte, since asking the system costs more than all else
/// that a small frame needs. Not thread-safe.
/// </summary>
internal sealed class FrameMask
{
    private const int Drawn = 1024;

    private readonly byte[] _pool = GC.AllocateUninitializedArray<byte>(Drawn);
    private int _used = Drawn;

    /// <summary>The next mask. It is used once: what has been given out is erased.</summary>
    public uint Next()
    {
        if (_used == Drawn)
        {
            RandomNumberGenerator.Fill(_pool);
            _used = 0;
        }
        var place = _pool.AsSpan(_used, sizeof(uint));
        var mask = BinaryPrimitives.ReadUInt32LittleEndian(place);
        place.Clear();
        _used += sizeof(uint);
        return mask;
    }

    /// <summary>Copies payload under a mask.</summary>
    /// <param name="source">The payload, or a part of it.</param>
    /// <param name="target">Where it goes; at least as long.</param>
    /// <param name="mask">The mask, turned to where the part begins; see <see cref="Turn"/>.</param>
    public static void Apply(ReadOnlySpan<byte> source, Span<byte> target, uint mask)
    {
        var length = source.Length;
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target[..length]);
        var i = 0;
        if (length >= Vector<byte>.Count)
        {
            var wide = Vector.AsVectorByte(new Vector<uint>(mask));
            for (; i <= length - Vector<byte>.Count; i += Vector<byte>.Count)
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, i), Unsafe.ReadUnaligned<Vector<byte>>(ref Unsafe.Add(ref from, i)) ^ wide);
        }
        for (; i <= length - sizeof(uint); i += sizeof(uint))
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, i), Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, i)) ^ mask);
        for (; i < length; i++, mask = BitOperations.RotateRight(mask, 8))
            Unsafe.Add(ref to, i) = (byte)(Unsafe.Add(ref from, i) ^ (byte)mask);
    }

    /// <summary>The mask as it applies to what comes after that many bytes.</summary>
    public static uint Turn(uint mask, long bytes) => BitOperations.RotateRight(mask, (int)(bytes & 3) * 8);
}
