using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What is left to chance, the same for the same seed (SplitMix64). Thread-safe. Nothing secret hangs on it.</summary>
internal sealed class Dice(int? seed)
{
    private ulong _state = seed is { } given ? (ulong)given : RandomSeed();

    /// <summary>64 bits.</summary>
    public ulong Next()
    {
        var z = Interlocked.Add(ref _state, 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 up to, not including, 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    private static ulong RandomSeed()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
