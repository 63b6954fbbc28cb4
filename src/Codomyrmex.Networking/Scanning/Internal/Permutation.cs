using System.Numerics;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// The numbers from 0 up to a count in an order that looks random and is the same for the same seed, without a table: a Feistel network over
/// the next power of four, walked until it comes back into the range (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
/// </summary>
/// <remarks>
/// It spreads probes over hosts and ports; it keeps no secrets. Walking takes fewer than four steps on average. Immutable and thread-safe.
/// </remarks>
internal readonly struct Permutation
{
    private const int Rounds = 4;

    private readonly int _halfBits;
    private readonly uint _halfMask;
    private readonly ulong _seed;

    /// <param name="count">How many numbers: 0 to 2⁶².</param>
    /// <param name="seed">Chooses the order.</param>
    public Permutation(ulong count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1UL << 62);
        Count = count;
        _seed = seed;
        var bits = count <= 1 ? 1 : 64 - BitOperations.LeadingZeroCount(count - 1);
        _halfBits = (bits + 1) / 2;
        _halfMask = (uint)((1UL << _halfBits) - 1);
    }

    public ulong Count { get; }

    /// <summary>The number at a place of the order.</summary>
    /// <param name="place">The place, from 0 and below <see cref="Count"/>.</param>
    public ulong this[ulong place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Count);
            do
                place = Encrypt(place);
            while (place >= Count);
            return place;
        }
    }

    /// <summary>Where a number stands in the order: the way back.</summary>
    public ulong PlaceOf(ulong number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Count);
        do
            number = Decrypt(number);
        while (number >= Count);
        return number;
    }

    private ulong Encrypt(ulong value)
    {
        var (left, right) = ((uint)(value >> _halfBits), (uint)value & _halfMask);
        for (var round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ Mix(right, round));
        return ((ulong)left << _halfBits) | right;
    }

    private ulong Decrypt(ulong value)
    {
        var (left, right) = ((uint)(value >> _halfBits), (uint)value & _halfMask);
        for (var round = Rounds - 1; round >= 0; round--)
            (left, right) = (right ^ Mix(left, round), left);
        return ((ulong)left << _halfBits) | right;
    }

    // Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014: the finaliser of SplitMix64.
    private uint Mix(uint half, int round)
    {
        var z = unchecked(half + _seed + (((ulong)round + 1) * 0x9E3779B97F4A7C15));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return (uint)(z ^ (z >> 31)) & _halfMask;
    }
}
