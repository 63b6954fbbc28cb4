using System.Buffers.Binary;
using System.Text;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Makes new inputs from old ones. The same seed makes the same inputs in the same order, on every machine.</summary>
internal sealed class Mutator
{
    private const int MaxLength = 4096;
    private static readonly long[] Boundaries = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, long.MaxValue, -1];

    private readonly IReadOnlyList<byte[]> _seeds;
    private readonly byte[][] _words;
    private ulong _state;

    public Mutator(ulong seed, IReadOnlyList<byte[]> seeds, IEnumerable<string> words)
    {
        _state = seed;
        _seeds = seeds;
        _words = [.. words.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The next input: a seed with one to eight mutations.</summary>
    public byte[] Next()
    {
        var input = Pick(_seeds);
        for (var count = 1 + Below(Below(8) + 1); count > 0; count--)
            input = Mutate(input);
        return input.Length <= MaxLength ? input : input[..MaxLength];
    }

    private byte[] Mutate(byte[] input) => Below(10) switch
    {
        0 => Change(input, (bytes, at) => bytes[at] ^= (byte)(1 << Below(8))),
        1 => Change(input, (bytes, at) => bytes[at] = (byte)Below(256)),
        2 => Insert(input, [(byte)Below(256)]),
        3 => Remove(input),
        4 => Insert(input, Part(input)),
        5 => Splice(input, Pick(_seeds)),
        6 => Change(input, WriteBoundary),
        7 => input[..Below(input.Length + 1)],
        8 => Insert(input, Enumerable.Repeat((byte)Below(256), Below(64)).ToArray()),
        _ => _words.Length > 0 ? Insert(input, Pick(_words)) : Insert(input, Part(Pick(_seeds))),
    };

    private static byte[] Change(byte[] input, Action<byte[], int> change, int at)
    {
        var output = input.ToArray();
        change(output, at);
        return output;
    }

    private byte[] Change(byte[] input, Action<byte[], int> change) => input.Length == 0 ? [0] : Change(input, change, Below(input.Length));

    private byte[] Insert(byte[] input, byte[] piece)
    {
        var at = Below(input.Length + 1);
        return [.. input[..at], .. piece, .. input[at..]];
    }

    private byte[] Remove(byte[] input)
    {
        var from = Below(input.Length + 1);
        var to = from + Below(input.Length - from + 1);
        return [.. input[..from], .. input[to..]];
    }

    private byte[] Part(byte[] input)
    {
        var from = Below(input.Length + 1);
        return input[from..(from + Below(input.Length - from + 1))];
    }

    private byte[] Splice(byte[] one, byte[] two) => [.. one[..Below(one.Length + 1)], .. two[Below(two.Length + 1)..]];

    private void WriteBoundary(byte[] bytes, int at)
    {
        Span<byte> number = stackalloc byte[8];
        if (Below(2) == 0)
            BinaryPrimitives.WriteInt64LittleEndian(number, Pick(Boundaries));
        else
            BinaryPrimitives.WriteInt64BigEndian(number, Pick(Boundaries));
        var width = 1 << Below(4);
        var value = number[0] == 0 ? number[^width..] : number[..width];
        value[..Math.Min(width, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    // SplitMix64 (Steele, Lea and Flood, 2014).
    private int Below(int limit)
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        var value = (_state ^ (_state >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return (int)((value ^ (value >> 31)) % (ulong)limit);
    }
}
