namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>A packet of IPv4 as raw sockets give it, its header in front (RFC 791, section 3.1).</summary>
internal static class IPv4Packet
{
    private const int LeastHeader = 20;

    /// <summary>What follows the header, and whom it is from; false where there is no whole header.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> source, out ReadOnlySpan<byte> content)
    {
        source = content = default;
        if (packet.Length < LeastHeader)
            return false;
        var header = (packet[0] & 0xF) * 4;
        if (header < LeastHeader || header > packet.Length)
            return false;
        source = packet.Slice(12, 4);
        content = packet[header..];
        return true;
    }
}
