using System.Buffers.Binary;

namespace Codomyrmex.Networking.Soak;

/// <summary>A frame says whose it is and which, and its other bytes follow from that: whoever sees it knows whether it is whole.</summary>
internal static class SoakFrame
{
    public const int Head = 16;
    public const int Largest = 60_000;

    private static readonly byte[] Pattern = [.. Enumerable.Range(0, Largest + 256).Select(static i => (byte)i)];

    /// <summary>Makes one. Clients that do not count have number 0.</summary>
    public static byte[] Make(long client, long number, int length)
    {
        var frame = new byte[Head + length];
        BinaryPrimitives.WriteInt64LittleEndian(frame, client);
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(8), number);
        Pattern.AsSpan((int)(number & 255), length).CopyTo(frame.AsSpan(Head));
        return frame;
    }

    /// <summary>Reads one; null where it is not whole.</summary>
    public static (long Client, long Number)? Read(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < Head)
            return null;
        var number = BinaryPrimitives.ReadInt64LittleEndian(frame[8..]);
        var rest = frame[Head..];
        return rest.SequenceEqual(Pattern.AsSpan((int)(number & 255), rest.Length)) ? (BinaryPrimitives.ReadInt64LittleEndian(frame), number) : null;
    }
}
