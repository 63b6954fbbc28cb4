using System.Buffers.Binary;
using System.Net;
using System.Text;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>Writes DNS messages for tests, byte by byte and without the code under test.</summary>
internal static class DnsTestMessage
{
    public const int NoError = 0;
    public const int ServFail = 2;
    public const int NxDomain = 3;
    public const int Refused = 5;

    /// <summary>The question of one of our queries: what stands between the header and the OPT record.</summary>
    public static ReadOnlySpan<byte> QuestionOf(byte[] query) => query.AsSpan(12, query.Length - 12 - 11);

    public static DnsRecordType TypeOf(byte[] query) => (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(QuestionOf(query)[^4..]);

    public static byte[] Reply(byte[] query, int code = NoError, bool truncated = false, params byte[][] records)
    {
        var reply = new List<byte>();
        reply.AddRange(query[..2]);
        reply.AddRange([(byte)(truncated ? 0x83 : 0x81), (byte)(0x80 | code), 0, 1]);
        reply.AddRange(U16(records.Length));
        reply.AddRange([0, 0, 0, 0]);
        reply.AddRange(QuestionOf(query));
        foreach (var record in records)
            reply.AddRange(record);
        return [.. reply];
    }

    /// <summary>A record; the name null is a pointer to the question's.</summary>
    public static byte[] Record(string? name, DnsRecordType type, int seconds, byte[] data, int @class = 1) =>
    [
        .. name is null ? [0xC0, 12] : Name(name), .. U16((int)type), .. U16(@class), .. U16(seconds >> 16), .. U16(seconds & 0xFFFF),
        .. U16(data.Length), .. data,
    ];

    public static byte[] Address(string? name, int seconds, string address)
    {
        var parsed = IPAddress.Parse(address);
        var bytes = parsed.GetAddressBytes();
        return Record(name, bytes.Length == 4 ? DnsRecordType.A : DnsRecordType.AAAA, seconds, bytes);
    }

    public static byte[] Name(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    public static byte[] U16(int value) => [(byte)(value >> 8), (byte)value];
}
