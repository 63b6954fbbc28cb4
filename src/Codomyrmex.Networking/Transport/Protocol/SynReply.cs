using System.Buffers.Binary;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>A TCP segment as far as it answers a request for a connection (RFC 9293, section 3.1).</summary>
/// <param name="Source">The port that it is from.</param>
/// <param name="Target">The port that it is to.</param>
/// <param name="Sequence">The number of the segment that it acknowledges.</param>
/// <param name="IsReset">Whether it refuses the connection.</param>
/// <param name="IsAccepted">Whether it accepts it.</param>
internal readonly record struct SynReply(ushort Source, ushort Target, uint Sequence, bool IsReset, bool IsAccepted)
{
    private const int HeaderSize = 20;
    private const byte Reset = 0x04;
    private const byte SynchroniseAcknowledge = 0x12;

    /// <summary>Reads one; false where it is too short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> segment, out SynReply reply)
    {
        reply = default;
        if (segment.Length < HeaderSize)
            return false;
        var flags = segment[13];
        reply = new SynReply(
            BinaryPrimitives.ReadUInt16BigEndian(segment), BinaryPrimitives.ReadUInt16BigEndian(segment[2..]),
            unchecked(BinaryPrimitives.ReadUInt32BigEndian(segment[8..]) - 1),
            (flags & Reset) != 0, (flags & Reset) == 0 && (flags & SynchroniseAcknowledge) == SynchroniseAcknowledge);
        return true;
    }
}
