using System.Buffers.Binary;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Bytes that look random, the same for the same seed, computable at any offset (SplitMix64).</summary>
internal static class PatternBytes
{
    public static byte[] Make(int seed, int count)
    {
        var bytes = new byte[count];
        Fill(seed, 0, bytes);
        return bytes;
    }

    public static void Fill(int seed, long offset, Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[8];
        while (bytes.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Mix(unchecked(((ulong)seed << 40) + (ulong)(offset / 8))));
            var from = (int)(offset % 8);
            var count = Math.Min(8 - from, bytes.Length);
            word.Slice(from, count).CopyTo(bytes);
            bytes = bytes[count..];
            offset += count;
        }
    }

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value + 1) * 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
