namespace Codomyrmex.Networking.Sockets;

/// <summary>The usual ways by which a reply says what it is a reply to.</summary>
public static class UDPCorrelations
{
    /// <summary>DNS: the first two bytes are the same, the third's top bit says that it is a reply (RFC 1035, section 4.1.1).</summary>
    public static UDPCorrelation Dns { get; } = static (request, reply) =>
        request.Length >= 12 && reply.Length >= 12 && reply[..2].SequenceEqual(request[..2]) && reply[2] >= 0x80;

    /// <summary>
    /// Anything is the reply: for protocols without any mark, such as echo. A reply to an earlier request that comes late is then taken for one to a later.
    /// </summary>
    public static UDPCorrelation Anything { get; } = static (_, _) => true;

    /// <summary>Some bytes are the same in both: an identifier, which should be long and come from a cryptographic generator (RFC 8085, section 6).</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="count">Its bytes, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative, or there are no bytes.</exception>
    public static UDPCorrelation SameBytes(int offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (request, reply) => request.Length - count >= offset && reply.Length - count >= offset &&
            reply.Slice(offset, count).SequenceEqual(request.Slice(offset, count));
    }
}
