using System.Buffers.Binary;

namespace Codomyrmex.Networking.Sockets.Protocol;

/// <summary>A length as a number of 1, 2, 4 or 8 bytes.</summary>
internal static class LengthPrefix
{
    public static ulong Read(ReadOnlySpan<byte> source, int size, bool isLittle) => size switch
    {
        1 => source[0],
        2 => isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(source) : BinaryPrimitives.ReadUInt16BigEndian(source),
        4 => isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(source) : BinaryPrimitives.ReadUInt32BigEndian(source),
        _ => isLittle ? BinaryPrimitives.ReadUInt64LittleEndian(source) : BinaryPrimitives.ReadUInt64BigEndian(source),
    };

    public static void Write(ulong length, Span<byte> destination, int size, bool isLittle)
    {
        // The size that most protocols have.
        if (size == 4)
        {
            var four = isLittle ? (uint)length : BinaryPrimitives.ReverseEndianness((uint)length);
            BinaryPrimitives.WriteUInt32LittleEndian(destination, four);
            return;
        }
        for (var i = 0; i < size; i++)
            destination[isLittle ? i : size - 1 - i] = (byte)(length >> (8 * i));
    }
}
