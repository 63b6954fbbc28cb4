using System.Buffers.Binary;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>An ICMP message about a TCP segment of ours, whose first bytes it quotes (RFC 792, RFC 4443, section 3.1).</summary>
/// <param name="Type">The message's type.</param>
/// <param name="Code">The message's code.</param>
/// <param name="Source">The port that the segment was from.</param>
/// <param name="Target">The port that it was to.</param>
/// <param name="Sequence">Its sequence number.</param>
internal readonly record struct IcmpQuote(byte Type, byte Code, ushort Source, ushort Target, uint Sequence)
{
    private const int IcmpHeader = 8;
    private const int Tcp = 6;
    private const int LeastOfTcp = 8;

    /// <summary>Reads one; false where it is about something else, or too short to tell.</summary>
    /// <param name="message">The message, without the header of its packet.</param>
    /// <param name="isIPv4">Whether it is of ICMP for IPv4.</param>
    /// <param name="quote">What it quotes.</param>
    /// <param name="address">The address that the segment was to.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, bool isIPv4, out IcmpQuote quote, out ReadOnlySpan<byte> address)
    {
        quote = default;
        address = default;
        var least = isIPv4 ? 20 : 40;
        if (message.Length < IcmpHeader + least)
            return false;
        var packet = message[IcmpHeader..];
        var header = isIPv4 ? (packet[0] & 0xF) * 4 : least;
        if (header < least || packet[isIPv4 ? 9 : 6] != Tcp || packet.Length < header + LeastOfTcp)
            return false;
        address = isIPv4 ? packet.Slice(16, 4) : packet.Slice(24, 16);
        var segment = packet[header..];
        quote = new IcmpQuote(message[0], message[1], BinaryPrimitives.ReadUInt16BigEndian(segment), BinaryPrimitives.ReadUInt16BigEndian(segment[2..]), BinaryPrimitives.ReadUInt32BigEndian(segment[4..]));
        return true;
    }
}
