using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>Domain names on the wire and in presentation form (RFC 1035, sections 3.1 and 5.1). Any octet may be in a label.</summary>
internal static class DnsName
{
    /// <summary>The longest label, in octets.</summary>
    internal const int MaxLabel = 63;

    /// <summary>The longest name on the wire, in octets, length octets and root included.</summary>
    internal const int MaxWire = 255;

    /// <summary>Room for any name in presentation form: four characters an octet.</summary>
    internal const int MaxText = 4 * MaxWire;

    /// <summary>Writes a name in presentation form, <c>\.</c> and <c>\DDD</c> understood, uncompressed.</summary>
    /// <param name="name">The name in ASCII, with or without the root's dot.</param>
    /// <param name="wire">Room for <see cref="MaxWire"/> octets.</param>
    /// <param name="written">The number of octets written.</param>
    /// <returns>What is wrong with the name, as the end of a sentence; null where nothing is.</returns>
    internal static string? TryWrite(ReadOnlySpan<char> name, Span<byte> wire, out int written)
    {
        written = 0;
        if (name is ".")
        {
            wire[written++] = 0;
            return null;
        }
        var (at, label) = (0, 0);
        var end = 1;
        while (at < name.Length)
        {
            var c = name[at++];
            if (c == '.')
            {
                if (end == label + 1)
                    return "has an empty label";
                wire[label] = (byte)(end - label - 1);
                (label, end) = (end, end + 1);
                continue;
            }
            if (c > 0x7F)
                return "is not ASCII";
            if (c == '\\' && !TryUnescape(name, ref at, out c))
                return "has a broken escape";
            if (end - label > MaxLabel)
                return "has a label longer than 63 octets";
            // One octet stays free for the root.
            if (end >= MaxWire - 1)
                return "is longer than 255 octets";
            wire[end++] = (byte)c;
        }
        if (name.Length == 0)
            return "is empty";
        if (end > label + 1)
        {
            wire[label] = (byte)(end - label - 1);
            label = end;
        }
        wire[label] = 0;
        written = label + 1;
        return null;
    }

    /// <summary>The name under which the names of an address are found (RFC 1035, section 3.5; RFC 3596, section 2.5).</summary>
    internal static string ReverseOf(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        var text = new StringBuilder(MaxLabel + 10);
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            if (address.AddressFamily == AddressFamily.InterNetwork)
                text.Append(CultureInfo.InvariantCulture, $"{bytes[i]}.");
            else
                text.Append(CultureInfo.InvariantCulture, $"{bytes[i] & 0xF:x}.{bytes[i] >> 4:x}.");
        }
        return text.Append(address.AddressFamily == AddressFamily.InterNetwork ? "in-addr.arpa" : "ip6.arpa").ToString();
    }

    private static bool TryUnescape(ReadOnlySpan<char> name, ref int at, out char value)
    {
        value = '\0';
        if (at >= name.Length)
            return false;
        value = name[at++];
        if (!char.IsAsciiDigit(value))
            return value < 0x80;
        if (at + 2 > name.Length || !int.TryParse(name.Slice(at - 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code > 255)
            return false;
        at += 2;
        value = (char)code;
        return true;
    }
}
