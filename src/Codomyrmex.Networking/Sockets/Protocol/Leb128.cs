namespace Codomyrmex.Networking.Sockets.Protocol;

/// <summary>Unsigned numbers of seven bits a byte, the least significant first; the top bit says that more follows.</summary>
internal static class Leb128
{
    /// <summary>Bytes of the longest number: 63 bits.</summary>
    public const int MaxBytes = 9;

    /// <summary>Reads a number.</summary>
    /// <returns>Its bytes; 0 where it goes on beyond the end, -1 where it is too long or not in its shortest form, which two readers might see differently.</returns>
    public static int Read(ReadOnlySpan<byte> source, out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(source.Length, MaxBytes); i++)
        {
            var bits = source[i];
            value |= (ulong)(bits & 0x7F) << (7 * i);
            if (bits < 0x80)
                return bits == 0 && i > 0 ? -1 : i + 1;
        }
        return source.Length >= MaxBytes ? -1 : 0;
    }

    public static int Write(ulong value, Span<byte> destination)
    {
        var count = 0;
        while (value >= 0x80)
        {
            destination[count++] = (byte)(value | 0x80);
            value >>= 7;
        }
        destination[count++] = (byte)value;
        return count;
    }
}
