using System.Buffers.Binary;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>
/// What to send to a UDP port so that whoever listens has a reason to answer: a question of its own protocol, from its specification, that changes
/// nothing and guesses no secret.
/// </summary>
internal static class UdpProbes
{
    public static IReadOnlyList<UdpProbe> All { get; } =
    [
        new("domain", [53], DnsVersion.Query(), DnsVersion.Read),
        // A client's packet of version 4 (RFC 5905, section 7.3).
        new("ntp", [123], [0x23, 0, 6, 0xEC, .. new byte[36], 0xC0, 0xDA, 0, 0, 0, 0, 0, 1], ReadNtp),
        new("snmp", [161], SnmpDiscovery(), ReadSnmp),
        new("mdns", [5353], MdnsServices(), ReadMdns),
        new("ssdp", [1900], [.. "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n"u8], ReadSsdp),
        new("quic", [443, 784, 853, 8443], QuicVersions(), ReadQuic),
        // A node's status (RFC 1002, section 4.2.17); the name is an asterisk, each half of a byte as a letter.
        new("netbios-ns", [137], [0xC0, 0xDA, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 32, .. "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"u8, 0, 0, 0x21, 0, 1], ReadNetBios),
        new("sip", [5060, 5061], SipMessage.Options("udp"), SipMessage.Read),
        // A file that nobody has (RFC 1350, section 5).
        new("tftp", [69], [0, 1, .. "codomyrmex-networking-no-such-file"u8, 0, .. "octet"u8, 0], ReadTftp),
        new("memcache", [11211], [0xC0, 0xDA, 0, 0, 0, 1, 0, 0, .. "version\r\n"u8], ReadMemcached),
        // A binding request (RFC 8489, section 5).
        new("stun", [3478, 19302], [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. "codomyrmex.n"u8], ReadStun),
        // GET /.well-known/core (RFC 7252, section 3; RFC 6690).
        new("coap", [5683], [0x40, 1, 0xC0, 0xDA, 0xBB, .. ".well-known"u8, 4, .. "core"u8], ReadCoap),
        // Presence ping (ASF 2.0, section 3.2.4.2), which IPMI's controllers answer.
        new("asf-rmcp", [623], [6, 0, 0xFF, 6, 0, 0, 0x11, 0xBE, 0x80, 0, 0, 0], ReadRmcp),
        // The procedure that does nothing, of the port mapper (RFC 5531, RFC 1833).
        new("sunrpc", [111, 2049], [.. "CDMX"u8, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x86, 0xA0, 0, 0, 0, 2, .. new byte[20]], ReadRpc),
        // "Which instances are there?" (MC-SQLR, section 2.2.1).
        new("ms-sql-m", [1434], [2], ReadSqlBrowser),
    ];

    /// <summary>What to send to a port; null where an empty datagram says as much.</summary>
    public static UdpProbe? For(int port)
    {
        foreach (var probe in All)
        {
            if (Array.IndexOf(probe.Ports, port) >= 0)
                return probe;
        }
        return null;
    }

    public static ServiceFacts? ReadNtp(ReadOnlySpan<byte> answer)
    {
        // A server's packet (mode 4) that gives our time back.
        if (answer.Length < 48 || (answer[0] & 7) != 4 || answer[24] != 0xC0 || answer[25] != 0xDA)
            return null;
        var version = ((answer[0] >> 3) & 7).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new ServiceFacts("ntp") { Version = version, Banner = answer[1] is 0 or > 15 ? "not synchronised" : $"stratum {answer[1]}" };
    }

    public static ServiceFacts? ReadSnmp(ReadOnlySpan<byte> answer)
    {
        // A sequence whose first member is a version: 3 for what was asked (RFC 3412, section 6).
        if (answer is not [0x30, _, ..] || answer.Length < 20)
            return null;
        var start = answer[1] < 0x80 ? 2 : 2 + (answer[1] & 0x7F);
        if (start + 3 > answer.Length || answer[start] != 2 || answer[start + 1] != 1 || answer[start + 2] > 3)
            return null;
        return new ServiceFacts("snmp") { Version = answer[start + 2] == 3 ? "3" : answer[start + 2] == 1 ? "2c" : "1", Product = Enterprise(answer) };
    }

    public static ServiceFacts? ReadMdns(ReadOnlySpan<byte> answer)
    {
        // An answer with at least one record (RFC 6762, section 18).
        if (answer.Length < 12 || (answer[2] & 0xF8) != 0x80)
            return null;
        return new ServiceFacts("mdns") { Banner = $"{BinaryPrimitives.ReadUInt16BigEndian(answer[6..])} records" };
    }

    public static ServiceFacts? ReadSsdp(ReadOnlySpan<byte> answer)
    {
        if (!answer.StartsWith("HTTP/1."u8) && !answer.StartsWith("NOTIFY "u8))
            return null;
        var server = HttpPage.Field(answer, "server"u8);
        return new ServiceFacts("ssdp") { Banner = server.IsEmpty ? null : WireText.Of(server) };
    }

    public static ServiceFacts? ReadQuic(ReadOnlySpan<byte> answer)
    {
        // A long header, version 0, our two connection identifiers the other way round, then versions (RFC 8999, section 6).
        if (answer.Length < 27 || answer[0] < 0x80 || answer[1..5].ContainsAnyExcept((byte)0) || answer[5] != 8 || !answer.Slice(6, 8).SequenceEqual("cdmx-src"u8))
            return null;
        if (answer[14] != 8 || !answer.Slice(15, 8).SequenceEqual("cdmx-dst"u8))
            return null;
        var versions = new List<string>();
        for (var rest = answer[23..]; rest.Length >= 4 && versions.Count < 16; rest = rest[4..])
        {
            var version = BinaryPrimitives.ReadUInt32BigEndian(rest);
            // Versions of the form 0x?a?a?a?a are there to be ignored (RFC 9000, section 15).
            if ((version & 0x0F0F0F0F) != 0x0A0A0A0A)
                versions.Add(version switch { 1 => "v1", 0x6B3343CF => "v2", >= 0xFF000000 and <= 0xFF0000FF => $"draft-{version & 0xFF}", _ => $"0x{version:x8}" });
        }
        return new ServiceFacts("quic") { Version = versions.Contains("v2") ? "v2" : versions.Count > 0 ? versions[0] : null, Banner = string.Join(' ', versions) };
    }

    public static ServiceFacts? ReadNetBios(ReadOnlySpan<byte> answer)
    {
        // Header, name, type, class, time to live, length; then the number of names of 18 bytes (RFC 1002, section 4.2.18).
        if (answer.Length < 57 || answer[0] != 0xC0 || answer[1] != 0xDA || (answer[2] & 0x80) == 0)
            return null;
        var name = answer.Length >= 57 + 15 && answer[56] > 0 ? Encoding.Latin1.GetString(answer.Slice(57, 15)).TrimEnd(' ', '\0') : "";
        return new ServiceFacts("netbios-ns") { Banner = name.Length == 0 ? null : name };
    }

    public static ServiceFacts? ReadTftp(ReadOnlySpan<byte> answer) => answer switch
    {
        [0, 5, 0, <= 8, ..] => new ServiceFacts("tftp") { Banner = WireText.Of(answer[4..].TrimEnd((byte)0)) },
        [0, 3 or 6, ..] => new ServiceFacts("tftp"),
        _ => null,
    };

    public static ServiceFacts? ReadMemcached(ReadOnlySpan<byte> answer) =>
        answer.Length > 8 && answer[0] == 0xC0 && answer[1] == 0xDA ? TcpProbes.ReadMemcached(answer[8..]) : null;

    public static ServiceFacts? ReadStun(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < 20 || answer[0] != 1 || answer[1] is not (1 or 0x11) || BinaryPrimitives.ReadUInt32BigEndian(answer[4..]) != 0x2112A442 || !answer[8..].StartsWith("codomyrmex.n"u8))
            return null;
        for (var rest = answer[20..]; rest.Length >= 4;)
        {
            var (type, length) = (BinaryPrimitives.ReadUInt16BigEndian(rest), BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
            if (length > rest.Length - 4)
                break;
            // SOFTWARE (RFC 8489, section 14.14)
            if (type == 0x8022)
                return new ServiceFacts("stun") { Banner = WireText.Of(rest.Slice(4, length)) };
            rest = rest[Math.Min(rest.Length, 4 + ((length + 3) & ~3))..];
        }
        return new ServiceFacts("stun");
    }

    public static ServiceFacts? ReadCoap(ReadOnlySpan<byte> answer) =>
        answer.Length >= 4 && (answer[0] & 0xC0) == 0x40 && answer[2] == 0xC0 && answer[3] == 0xDA
            ? new ServiceFacts("coap") { Banner = answer[1] == 0 ? null : $"{answer[1] >> 5}.{answer[1] & 31:00}" }
            : null;

    public static ServiceFacts? ReadRmcp(ReadOnlySpan<byte> answer) =>
        answer is [6, 0, _, 6, 0, 0, 0x11, 0xBE, 0x40, ..] ? new ServiceFacts("asf-rmcp") { Banner = answer.Length > 20 && (answer[20] & 0x80) != 0 ? "IPMI" : null } : null;

    public static ServiceFacts? ReadRpc(ReadOnlySpan<byte> answer) =>
        answer.Length >= 24 && answer.StartsWith("CDMX\0\0\0\u0001"u8) ? new ServiceFacts("sunrpc") : null;

    public static ServiceFacts? ReadSqlBrowser(ReadOnlySpan<byte> answer) =>
        answer.Length > 3 && answer[0] == 5 ? new ServiceFacts("ms-sql-m") { Banner = WireText.Of(answer[3..]) } : null;

    /// <summary>The discovery of an engine's name, to which an agent of version 3 must answer whoever asks (RFC 3414, section 4). No community is guessed.</summary>
    private static byte[] SnmpDiscovery() =>
    [
        0x30, 0x3A, 2, 1, 3,
        // Number, largest message, "report what is wrong", user-based security.
        0x30, 0x0F, 2, 2, 0x40, 0xDA, 2, 3, 0, 0xFF, 0xE3, 4, 1, 4, 2, 1, 3,
        // Nothing is known yet: engine, boots, time, user, two keys.
        4, 0x10, 0x30, 0x0E, 4, 0, 2, 1, 0, 2, 1, 0, 4, 0, 4, 0, 4, 0,
        // Context, name, GetRequest without variables.
        0x30, 0x12, 4, 0, 4, 0, 0xA0, 0x0C, 2, 2, 0x40, 0xDA, 2, 1, 0, 2, 1, 0, 0x30, 0,
    ];

    // PTR of all services, with the bit that asks for an answer to us alone (RFC 6763, section 9; RFC 6762, section 5.4).
    private static byte[] MdnsServices() =>
        [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, .. "_services"u8, 7, .. "_dns-sd"u8, 4, .. "_udp"u8, 5, .. "local"u8, 0, 0, 12, 0x80, 1];

    /// <summary>A packet of a version that does not exist: a server lists those that it speaks (RFC 9000, section 6). Padded, or it is not answered.</summary>
    private static byte[] QuicVersions()
    {
        var packet = new byte[1200];
        ReadOnlySpan<byte> head = [0xC0, 0x1A, 0x2A, 0x3A, 0x4A, 8, .. "cdmx-dst"u8, 8, .. "cdmx-src"u8];
        head.CopyTo(packet);
        return packet;
    }

    /// <summary>Whose engine it is: the number of the enterprise in the engine's name (RFC 3411, section 5), for the few that are met often.</summary>
    private static string? Enterprise(ReadOnlySpan<byte> answer)
    {
        // An octet string of 5 to 32 bytes whose first bit is set.
        for (var i = 20; i + 7 <= answer.Length; i++)
        {
            if (answer[i] != 4 || answer[i + 1] is < 5 or > 32 || answer[i + 2] < 0x80)
                continue;
            return (BinaryPrimitives.ReadUInt32BigEndian(answer[(i + 2)..]) & 0x7FFF_FFFF) switch
            {
                8072 => "Net-SNMP",
                9 => "Cisco",
                11 => "HP",
                311 => "Microsoft",
                2636 => "Juniper",
                14988 => "MikroTik",
                var number => $"enterprise {number}",
            };
        }
        return null;
    }
}
