using System.Buffers.Binary;
using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>DNS messages: queries out, responses in (RFC 1035, section 4; EDNS: RFC 6891). Bytes only; who sends them is not its matter.</summary>
internal static class DnsMessage
{
    internal const int HeaderLength = 12;

    /// <summary>Room for any query: header, longest name, type and class, OPT record.</summary>
    internal const int MaxQuery = HeaderLength + DnsName.MaxWire + 4 + OptLength;

    /// <summary>The UDP payload we announce: what crosses nearly every path unfragmented (the DNS flag day 2020 value).</summary>
    internal const int UdpPayload = 1232;

    // More than fit a 64 KiB message in any honest shape, and few enough to be cheap.
    private const int MaxRecords = 4096;

    private const int OptLength = 11;
    private const ushort ClassIn = 1;
    private const ushort TypeOpt = 41;

    /// <summary>Writes a recursive query for one question.</summary>
    /// <param name="buffer">Room for <see cref="MaxQuery"/> bytes.</param>
    /// <param name="id">An unpredictable number (RFC 5452, section 9.2).</param>
    /// <param name="name">The name, on the wire.</param>
    /// <param name="type">The type.</param>
    /// <returns>The number of bytes written.</returns>
    internal static int WriteQuery(Span<byte> buffer, ushort id, ReadOnlySpan<byte> name, DnsRecordType type)
    {
        buffer[..HeaderLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer, id);
        buffer[2] = 0x01; // RD
        buffer[3] = 0x20; // AD: we would like to know whether the answer was validated (RFC 6840, section 5.7)
        buffer[5] = 1; // one question
        buffer[11] = 1; // one additional record
        name.CopyTo(buffer[HeaderLength..]);
        var rest = buffer[(HeaderLength + name.Length)..];
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], ClassIn);
        var opt = rest.Slice(4, OptLength);
        opt.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], TypeOpt);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], UdpPayload);
        return HeaderLength + name.Length + 4 + OptLength;
    }

    /// <summary>
    /// Whether bytes are a reply to a query of ours: same id, same question (RFC 5452, section 9.1). Anything else is someone else's,
    /// or a forgery, and is passed over.
    /// </summary>
    internal static bool IsReplyTo(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> query)
    {
        if (reply.Length < HeaderLength || !reply[..2].SequenceEqual(query[..2]))
            return false;
        // QR set, opcode 0.
        if ((reply[2] & 0xF8) != 0x80)
            return false;
        var questions = BinaryPrimitives.ReadUInt16BigEndian(reply[4..]);
        // A server that could not read the query cannot repeat its question.
        if (questions == 0)
            return (reply[3] & 0x0F) == 1;
        var question = query[HeaderLength..^OptLength];
        if (questions != 1 || reply.Length < HeaderLength + question.Length)
            return false;
        var asked = reply.Slice(HeaderLength, question.Length);
        // Length octets are below every letter, so that ignoring case compares them exactly.
        return asked[^4..].SequenceEqual(question[^4..]) && Ascii.EqualsIgnoreCase(asked[..^4], question[..^4]);
    }

    /// <summary>Reads a response.</summary>
    /// <param name="message">The bytes, from anyone.</param>
    /// <exception cref="DNSResolutionException">The bytes are no well-formed response (<c>dns.server_failure</c>).</exception>
    internal static DnsResponse ReadResponse(ReadOnlySpan<byte> message)
    {
        var reader = new DnsReader(message);
        reader.ReadUInt16();
        var flags = reader.ReadUInt16();
        if ((flags & 0xF800) != 0x8000)
            throw Malformed("it is no response to a query");
        var code = flags & 0x0F;
        var isAuthoritative = (flags & 0x0400) != 0;
        int questions = reader.ReadUInt16();
        int answers = reader.ReadUInt16();
        int others = reader.ReadUInt16() + reader.ReadUInt16();
        if ((flags & 0x0200) != 0)
            return new DnsResponse(code, isAuthoritative, true, []);
        if (questions > 1 || answers + others > MaxRecords)
            throw Malformed("it announces too many records");
        if (questions == 1)
        {
            reader.ReadName();
            reader.ReadUInt32();
        }
        var records = new List<DnsRecord>(Math.Min(answers, 64));
        for (var i = 0; i < answers; i++)
        {
            if (ReadRecord(ref reader, ref code, readData: true) is { } record)
                records.Add(record);
        }
        for (var i = 0; i < others; i++)
            ReadRecord(ref reader, ref code, readData: false);
        return new DnsResponse(code, isAuthoritative, false, records) { IsValidated = (flags & 0x0020) != 0 };
    }

    /// <summary>The documented rejection of bytes that are no DNS message.</summary>
    internal static NetworkException Malformed(string what) => new NetworkFailure
    {
        Code = ErrorCodes.DnsServerFailure,
        Message = $"The DNS answer is malformed: {what}.",
        Phase = NetworkPhase.Resolve,
    }.ToException();

    private static DnsRecord? ReadRecord(ref DnsReader reader, ref int code, bool readData)
    {
        var name = reader.ReadName();
        var type = reader.ReadUInt16();
        var @class = reader.ReadUInt16();
        var timeToLive = reader.ReadUInt32();
        var length = reader.ReadUInt16();
        if (type == TypeOpt)
            code |= (int)(timeToLive >> 24) << 4;
        if (!readData || type == TypeOpt || @class != ClassIn)
        {
            reader.ReadBytes(length);
            return null;
        }
        var data = DnsRecordData.Read(ref reader, (DnsRecordType)type, length);
        // RFC 2181, section 8: a value with the top bit set is zero.
        return new DnsRecord(name, (DnsRecordType)type, TimeSpan.FromSeconds(timeToLive > int.MaxValue ? 0 : timeToLive), data);
    }
}
