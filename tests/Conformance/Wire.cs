using System.Buffers.Binary;
using System.Text;

namespace Codomyrmex.Networking.Tests.Conformance;

/// <summary>The bytes of frames, written down independently of any codec under test.</summary>
internal static class Wire
{
    public const int Continuation = 0, Text = 1, Binary = 2, CloseCode = 8, PingCode = 9, PongCode = 10;

    public static byte[] Frame(int opcode, ReadOnlySpan<byte> payload, bool fin = true, int rsv = 0) =>
        [.. Head(opcode, payload.Length, fin, rsv), .. payload];

    public static byte[] Head(int opcode, long length, bool fin = true, int rsv = 0)
    {
        var first = (byte)((fin ? 128 : 0) + (rsv * 16) + opcode);
        if (length < 126)
            return [first, (byte)length];
        var head = new byte[length < 65536 ? 4 : 10];
        head[0] = first;
        head[1] = (byte)(length < 65536 ? 126 : 127);
        if (length < 65536)
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)length);
        else
            BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(2), length);
        return head;
    }

    public static byte[] Close(int code, string reason = "") => Frame(CloseCode, [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);

    public static byte[] Ping(string payload = "") => Frame(PingCode, Encoding.UTF8.GetBytes(payload));

    public static byte[] Pong(string payload = "") => Frame(PongCode, Encoding.UTF8.GetBytes(payload));

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Printable text of a length, the same each time and not the same line again and again.</summary>
    public static byte[] Letters(int length)
    {
        var bytes = new byte[length];
        var state = 2463534242u;
        for (var i = 0; i < length; i++)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            bytes[i] = (byte)('*' + (state % 48));
        }
        return bytes;
    }

    /// <summary>Bytes of every value, the same each time.</summary>
    public static byte[] Octets(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
