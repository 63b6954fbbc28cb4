using System.Buffers.Binary;

namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>The head of a frame (RFC 6455, section 5.2), as a server reads and writes it.</summary>
internal static class FrameHeader
{
    /// <summary>The longest head of a frame that a server sends: two octets and a length of eight.</summary>
    public const int MaxLength = 10;

    /// <summary>How many octets follow the first two: the rest of the length, and the key.</summary>
    public static int RestLength(byte second) => ((second & 0x7F) switch { 127 => 8, 126 => 2, _ => 0 }) + ((second & 0x80) != 0 ? 4 : 0);

    /// <summary>Reads a head.</summary>
    /// <param name="head">The first two octets with all that belong to them.</param>
    /// <param name="problem">What RFC 6455 has against the length's spelling; null for nothing.</param>
    public static WebSocketServerFrame Read(ReadOnlySpan<byte> head, out string? problem)
    {
        var (first, second) = (head[0], head[1]);
        var rest = head[2..];
        long length = second & 0x7F;
        problem = null;
        switch (length)
        {
            case 126:
                length = BinaryPrimitives.ReadUInt16BigEndian(rest);
                rest = rest[2..];
                problem = length < 126 ? "A length is not in its shortest form." : null;
                break;
            case 127:
                length = BinaryPrimitives.ReadInt64BigEndian(rest);
                rest = rest[8..];
                problem = length < 0 ? "A length has its highest bit set." : length <= ushort.MaxValue ? "A length is not in its shortest form." : null;
                break;
        }
        uint? key = (second & 0x80) != 0 ? BinaryPrimitives.ReadUInt32BigEndian(rest) : null;
        return new WebSocketServerFrame((WebSocketOpcode)(first & 0x0F), (first & 0x80) != 0, (first >> 4) & 7, key, length);
    }

    /// <summary>Writes the head of a frame without a mask, and tells its length.</summary>
    public static int Write(Span<byte> head, WebSocketOpcode opcode, bool isFinal, int rsv, long length)
    {
        head[0] = (byte)((isFinal ? 0x80 : 0) | ((rsv & 7) << 4) | ((int)opcode & 0x0F));
        switch (length)
        {
            case < 126:
                head[1] = (byte)length;
                return 2;
            case <= ushort.MaxValue:
                head[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)length);
                return 4;
            default:
                head[1] = 127;
                BinaryPrimitives.WriteInt64BigEndian(head[2..], length);
                return 10;
        }
    }

    /// <summary>Takes a mask off (RFC 6455, section 5.3).</summary>
    public static void Unmask(Span<byte> payload, uint key)
    {
        Span<byte> octets = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(octets, key);
        octets[..4].CopyTo(octets[4..]);
        var pattern = BitConverter.ToUInt64(octets);
        var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(payload);
        for (var i = 0; i < words.Length; i++)
            words[i] ^= pattern;
        for (var i = words.Length * 8; i < payload.Length; i++)
            payload[i] ^= octets[i & 3];
    }
}
