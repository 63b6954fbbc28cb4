using System.Buffers.Binary;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>The first packet of a MySQL or MariaDB server: handshake version 10, or an error (MySQL's manual, "Client/Server Protocol").</summary>
internal static class MySqlGreeting
{
    public static ServiceFacts? Read(ReadOnlySpan<byte> bytes)
    {
        // Three bytes of length, the number of the packet, the payload.
        if (bytes.Length < 6 || bytes[3] != 0)
            return null;
        var length = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
        if (length is < 5 or > 4096)
            return null;
        var payload = bytes.Slice(4, Math.Min(length, bytes.Length - 4));
        return payload[0] switch
        {
            10 => Handshake(payload[1..]),
            0xFF when payload.Length > 4 && BinaryPrimitives.ReadUInt16LittleEndian(payload[1..]) is >= 1000 and < 5000 => new ServiceFacts("mysql") { Banner = WireText.Of(payload[3..]) },
            _ => null,
        };
    }

    private static ServiceFacts? Handshake(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)0);
        if (end is < 1 or > 100 || !char.IsAsciiDigit((char)rest[0]))
            return null;
        // MariaDB puts a prefix before its own version, so that old replicas take it for a MySQL.
        var text = rest[..end];
        var isMaria = text.IndexOf("MariaDB"u8) >= 0;
        if (isMaria && text.StartsWith("5.5.5-"u8))
            text = text[6..];
        return new ServiceFacts("mysql") { Product = isMaria ? "MariaDB" : "MySQL", Version = WireText.Version(text), Banner = WireText.Of(rest[..end]) };
    }
}
