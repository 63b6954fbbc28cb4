namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>The numbers of DEFLATE (RFC 1951, section 3.2.5 and 3.2.6).</summary>
internal static class DeflateCodes
{
    public const int EndOfBlock = 256;
    public const int MinMatch = 3;
    public const int MaxMatch = 258;

    public static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    public static ReadOnlySpan<byte> LengthExtra => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    public static ReadOnlySpan<ushort> DistanceBase =>
    [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ];

    public static ReadOnlySpan<byte> DistanceExtra =>
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <summary>The order in which the lengths of the code-length code come.</summary>
    public static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>The lengths of the fixed literal and length code.</summary>
    public static byte[] FixedLiteralLengths()
    {
        var lengths = new byte[288];
        lengths.AsSpan(0, 144).Fill(8);
        lengths.AsSpan(144, 112).Fill(9);
        lengths.AsSpan(256, 24).Fill(7);
        lengths.AsSpan(280, 8).Fill(8);
        return lengths;
    }

    /// <summary>The canonical code of each symbol, its first bit lowest, as the wire has it (RFC 1951, section 3.2.2).</summary>
    public static ushort[] Canonical(ReadOnlySpan<byte> lengths)
    {
        Span<int> next = stackalloc int[17];
        foreach (var length in lengths)
            next[length + 1] += length == 0 ? 0 : 1;
        for (var bits = 1; bits < 17; bits++)
            next[bits] = bits == 1 ? 0 : (next[bits - 1] + next[bits]) << 1;
        var codes = new ushort[lengths.Length];
        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            if (lengths[symbol] > 0)
                codes[symbol] = Reverse(next[lengths[symbol]]++, lengths[symbol]);
        }
        return codes;
    }

    private static ushort Reverse(int code, int bits)
    {
        var reversed = 0;
        for (; bits > 0; bits--, code >>= 1)
            reversed = (reversed << 1) | (code & 1);
        return (ushort)reversed;
    }
}
