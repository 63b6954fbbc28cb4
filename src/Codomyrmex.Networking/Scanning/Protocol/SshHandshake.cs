using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>
/// As much of SSH as it takes to be shown a host key: identification (RFC 4253, section 4.2), negotiation (section 7.1) and the first half of an
/// elliptic-curve exchange (RFC 5656, section 4). Nothing is encrypted, and nobody logs in.
/// </summary>
/// <remarks>The key is what the server presents. That it holds the private half is proved by a signature, which is not checked here.</remarks>
internal static class SshHandshake
{
    public const int LargestPacket = 35_000;
    public const byte KexInit = 20;
    public const byte EcdhInit = 30;
    public const byte EcdhReply = 31;

    private const int LongestIdentification = 255;
    private const int MostLinesBefore = 20;

    public static ReadOnlySpan<byte> Identification => "SSH-2.0-Codomyrmex.Networking\r\n"u8;

    /// <summary>Reads the server's identification; other lines may stand before it.</summary>
    public static ServiceFacts? ReadIdentification(ReadOnlySpan<byte> bytes)
    {
        if (FindIdentification(bytes, out _) is not { Length: > 0 } line)
            return null;
        // SSH-protoversion-softwareversion SP comments
        var software = line[4..];
        var dash = software.IndexOf((byte)'-');
        if (dash < 0)
            return null;
        var (product, version) = WireText.Product(software[(dash + 1)..]);
        return new ServiceFacts("ssh") { Banner = WireText.Of(line), Product = product, Version = version };
    }

    /// <summary>Where the server's packets begin: behind the end of its identification. -1 where that has not arrived.</summary>
    public static int PacketsStart(ReadOnlySpan<byte> bytes) => FindIdentification(bytes, out var end).IsEmpty ? -1 : end;

    /// <summary>Our offer: only what a NIST curve can be had for, whatever key and cipher.</summary>
    public static byte[] Offer(ReadOnlySpan<byte> cookie)
    {
        var payload = new List<byte> { KexInit };
        payload.AddRange(cookie[..16]);
        foreach (var names in (string[])
            [
                "ecdh-sha2-nistp256", "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256,ssh-rsa",
                Ciphers, Ciphers, Macs, Macs, "none", "none", "", "",
            ])
        {
            Add(payload, Encoding.ASCII.GetBytes(names));
        }
        payload.AddRange(new byte[5]);
        return Packet([.. payload]);
    }

    /// <summary>Our half of the exchange.</summary>
    /// <param name="point">A point of the curve P-256, uncompressed (65 bytes).</param>
    public static byte[] Exchange(ReadOnlySpan<byte> point)
    {
        var payload = new List<byte> { EcdhInit };
        Add(payload, point);
        return Packet([.. payload]);
    }

    /// <summary>The payload of the packet at the start.</summary>
    /// <param name="bytes">What has arrived of the server's packets.</param>
    /// <param name="length">The length of the whole packet.</param>
    /// <returns>The payload; empty where it has not all arrived.</returns>
    /// <exception cref="FormatException">It is no packet.</exception>
    public static ReadOnlySpan<byte> ReadPacket(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < 6)
            return default;
        var size = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        int padding = bytes[4];
        if (size is < 12 or > LargestPacket || padding < 4 || padding + 2 > size)
            throw new FormatException("The server sent what is no SSH packet.");
        if (bytes.Length < size + 4)
            return default;
        length = (int)size + 4;
        return bytes.Slice(5, (int)size - padding - 1);
    }

    /// <summary>The fingerprint of the host key in the server's half of the exchange, as OpenSSH prints it; null where it is no such answer.</summary>
    public static string? ReadFingerprint(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 5 || payload[0] != EcdhReply)
            return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(payload[1..]);
        if (length < 8 || length > payload.Length - 5)
            return null;
        return "SHA256:" + Convert.ToBase64String(SHA256.HashData(payload.Slice(5, (int)length))).TrimEnd('=');
    }

    private const string Ciphers = "aes128-ctr,aes256-ctr,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes192-ctr,aes256-gcm@openssh.com,aes128-cbc,3des-cbc";
    private const string Macs = "hmac-sha2-256,hmac-sha2-512,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1";

    private static ReadOnlySpan<byte> FindIdentification(ReadOnlySpan<byte> bytes, out int end)
    {
        end = 0;
        for (var lines = 0; lines <= MostLinesBefore; lines++)
        {
            var feed = bytes[end..].IndexOf((byte)'\n');
            if (feed < 0)
                return default;
            var line = bytes.Slice(end, feed).TrimEnd((byte)'\r');
            end += feed + 1;
            if (line.StartsWith("SSH-"u8))
                return line.Length <= LongestIdentification ? line : default;
        }
        return default;
    }

    /// <summary>A packet before encryption: length, padding to eight bytes of at least four, payload (RFC 4253, section 6).</summary>
    private static byte[] Packet(ReadOnlySpan<byte> payload)
    {
        var padding = 8 - ((payload.Length + 5) % 8);
        if (padding < 4)
            padding += 8;
        var packet = new byte[5 + payload.Length + padding];
        BinaryPrimitives.WriteInt32BigEndian(packet, 1 + payload.Length + padding);
        packet[4] = (byte)padding;
        payload.CopyTo(packet.AsSpan(5));
        return packet;
    }

    private static void Add(List<byte> payload, ReadOnlySpan<byte> text)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
        payload.AddRange(length);
        payload.AddRange(text);
    }
}
