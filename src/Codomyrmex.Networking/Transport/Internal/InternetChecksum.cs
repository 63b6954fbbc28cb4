using System.Buffers.Binary;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The checksum of the internet's headers (RFC 1071).</summary>
internal static class InternetChecksum
{
    public static ushort Of(ReadOnlySpan<byte> bytes, uint start = 0) => Fold(Sum(bytes, start));

    /// <summary>Adds bytes to a sum that is not folded yet.</summary>
    public static uint Sum(ReadOnlySpan<byte> bytes, uint start = 0)
    {
        var sum = start;
        for (; bytes.Length >= 2; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }

    public static ushort Fold(uint sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
