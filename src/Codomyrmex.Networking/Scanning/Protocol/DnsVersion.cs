using System.Buffers.Binary;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>The question that name servers answer about themselves (<c>version.bind</c>, class CHAOS), and their answer.</summary>
internal static class DnsVersion
{
    private const int HeaderBytes = 12;
    private const ushort Id = 0xC0DA;

    private static ReadOnlySpan<byte> Question => "\u0007version\u0004bind\0\0\u0010\0\u0003"u8;

    public static byte[] Query() => [Id >> 8, Id & 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Question];

    public static ServiceFacts? Read(ReadOnlySpan<byte> answer)
    {
        // An answer to our question: its number, the bit that says so, the query's kind (RFC 1035, section 4.1.1).
        if (answer.Length < HeaderBytes || BinaryPrimitives.ReadUInt16BigEndian(answer) != Id || (answer[2] & 0xF8) != 0x80)
            return null;
        var facts = new ServiceFacts("domain");
        var hasQuestion = BinaryPrimitives.ReadUInt16BigEndian(answer[4..]) == 1 && answer[HeaderBytes..].StartsWith(Question);
        if (!hasQuestion || BinaryPrimitives.ReadUInt16BigEndian(answer[6..]) == 0)
            return facts;
        return ReadText(answer[(HeaderBytes + Question.Length)..]) is { Length: > 0 } text ? Told(facts, text) : facts;
    }

    /// <summary>The first text of the first record, where its owner is a pointer to the question.</summary>
    private static ReadOnlySpan<byte> ReadText(ReadOnlySpan<byte> record)
    {
        // The owner, written out or as a pointer; type, class, time to live, length of the data, length of the text.
        var name = record.StartsWith(Question[..14]) ? 14 : 2;
        if (record.Length < name + 11 || BinaryPrimitives.ReadUInt16BigEndian(record[name..]) != 16)
            return default;
        int length = record[name + 10];
        return record.Length >= name + 11 + length ? record.Slice(name + 11, length) : default;
    }

    private static ServiceFacts Told(ServiceFacts facts, ReadOnlySpan<byte> text)
    {
        // "dnsmasq-2.90", "9.18.33-1~deb12u2-Debian", "PowerDNS Authoritative Server 4.7.3 …", "unbound 1.17.1"
        facts = facts with { Banner = WireText.Of(text) };
        if (text.StartsWith("dnsmasq-"u8))
            return facts with { Product = "dnsmasq", Version = WireText.Version(text[8..]) };
        if (WireText.Version(text) is { } version)
            return facts with { Product = version.StartsWith("9.", StringComparison.Ordinal) ? "BIND" : null, Version = version };
        var (product, number) = WireText.Product(text);
        return facts with { Product = product, Version = number };
    }
}
