using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Sockets.Protocol;

/// <summary>
/// The header by which a proxy says for whom it connects: the PROXY protocol of HAProxy, versions 1 and 2. It is read by what is missing, so that
/// no byte of what follows is touched.
/// </summary>
internal static class ProxyHeader
{
    /// <summary>The longest header accepted: far beyond the addresses of any family with the extensions in use.</summary>
    public const int MaxBytes = 4096;

    // "PROXY UNKNOWN\r\n" is the shortest of version 1; version 2 has 16 bytes before its addresses.
    private const int Shortest = 15;
    private const int Fixed = 16;
    private const int LongestLine = 107;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>How many bytes must at least come before the header can be complete; 0 where it is.</summary>
    /// <exception cref="FormatException">It is no such header.</exception>
    public static int Missing(ReadOnlySpan<byte> received)
    {
        if (received.Length < Shortest)
        {
            DemandBeginning(received);
            return Shortest - received.Length;
        }
        DemandBeginning(received);
        if (received[0] != 'P')
        {
            if (received.Length < Fixed)
                return Fixed - received.Length;
            var length = Fixed + BinaryPrimitives.ReadUInt16BigEndian(received[14..]);
            if (length > MaxBytes)
                throw new FormatException($"the PROXY header has {length} bytes; {MaxBytes} are allowed");
            return length - received.Length;
        }
        if (received.EndsWith("\r\n"u8))
            return 0;
        if (received.Length >= LongestLine)
            throw new FormatException($"the PROXY line is longer than {LongestLine} bytes");
        return received[^1] == '\r' ? 1 : Math.Min(2, LongestLine - received.Length);
    }

    /// <summary>Reads a header that is complete.</summary>
    /// <returns>For whom the proxy connects; null where it does so for itself, or does not know.</returns>
    /// <exception cref="FormatException">It is no such header.</exception>
    public static IPEndPoint? Read(ReadOnlySpan<byte> header) => header[0] == 'P' ? ReadLine(header) : ReadBinary(header);

    private static void DemandBeginning(ReadOnlySpan<byte> received)
    {
        var line = "PROXY "u8;
        if (!line[..Math.Min(line.Length, received.Length)].SequenceEqual(received[..Math.Min(line.Length, received.Length)]) &&
            !Signature[..Math.Min(Signature.Length, received.Length)].SequenceEqual(received[..Math.Min(Signature.Length, received.Length)]))
            throw new FormatException("there is no PROXY header");
    }

    private static IPEndPoint? ReadLine(ReadOnlySpan<byte> header)
    {
        // Only digits, letters, dots and colons: nothing of it can mean something else to a log.
        var parts = Encoding.Latin1.GetString(header[..^2]).Split(' ');
        if (parts[1] == "UNKNOWN")
            return null;
        if (parts.Length != 6 || parts[1] is not ("TCP4" or "TCP6"))
            throw new FormatException("the PROXY line does not have the parts of TCP4 or TCP6");
        var isIPv4 = parts[1] == "TCP4";
        _ = Address(parts[3], isIPv4);
        _ = Port(parts[5]);
        return new IPEndPoint(Address(parts[2], isIPv4), Port(parts[4]));
    }

    private static IPAddress Address(string text, bool isIPv4)
    {
        // Only as the specification writes them: no octal, no short forms, no zone.
        if (text.AsSpan().ContainsAnyExcept("0123456789abcdefABCDEF.:") || !IPAddress.TryParse(text, out var address) || text.Contains(':') == isIPv4 ||
            (isIPv4 && address.ToString() != text))
            throw new FormatException("the PROXY line has an address that is none");
        return address;
    }

    private static int Port(string text) =>
        text.Length is > 0 and <= 5 && (text.Length == 1 || text[0] != '0') && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port
            : throw new FormatException("the PROXY line has a port that is none");

    private static IPEndPoint? ReadBinary(ReadOnlySpan<byte> header)
    {
        if (header[12] >> 4 != 2)
            throw new FormatException($"the PROXY header has version {header[12] >> 4}");
        var command = header[12] & 0xF;
        if (command > 1)
            throw new FormatException($"the PROXY header has command {command}");
        // LOCAL: the proxy itself connects, to see whether we live.
        if (command == 0)
            return null;
        var addresses = header[Fixed..];
        switch (header[13] >> 4)
        {
            case 1 when addresses.Length >= 12:
                return new IPEndPoint(new IPAddress(addresses[..4]), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..]));
            case 2 when addresses.Length >= 36:
                return new IPEndPoint(new IPAddress(addresses[..16]), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..]));
            case 0 or 3:
                return null;
            default:
                throw new FormatException("the PROXY header has an address family that is none, or too few bytes for it");
        }
    }
}
