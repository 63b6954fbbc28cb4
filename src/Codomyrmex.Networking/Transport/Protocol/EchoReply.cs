using System.Buffers.Binary;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>The answer to an ICMP echo request (RFC 792; RFC 4443, section 4.2).</summary>
internal static class EchoReply
{
    public const byte IPv4Type = 0;
    public const byte IPv6Type = 129;

    private const int HeaderSize = 8;

    /// <summary>The sequence number of an answer that has the request's data; -1 where it is something else.</summary>
    /// <param name="message">The message, without the header of its packet.</param>
    /// <param name="type">The type of such answers.</param>
    /// <param name="data">The request's data, which nobody can guess.</param>
    public static int Read(ReadOnlySpan<byte> message, byte type, ReadOnlySpan<byte> data) =>
        message.Length >= HeaderSize + data.Length && message[0] == type && message.Slice(HeaderSize, data.Length).SequenceEqual(data)
            ? BinaryPrimitives.ReadUInt16BigEndian(message[6..])
            : -1;
}
