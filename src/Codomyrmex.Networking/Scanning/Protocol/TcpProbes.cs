using System.Buffers.Binary;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>
/// The questions for servers that speak second. Each asks for what the protocol gives to anybody: a version, a capability, a refusal. None logs in,
/// and none changes anything.
/// </summary>
internal static class TcpProbes
{
    public static IReadOnlyList<TcpProbe> All { get; } =
    [
        new("redis", [6379, 6380, 16379, 26379], [.. "*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n"u8], ReadRedis),
        new("postgresql", [5432, 5433, 6432, 26257], [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F], ReadPostgres),
        new("mongodb", [27017, 27018, 27019], MongoMessage.BuildInfo(), MongoMessage.Read),
        new("memcache", [11211], [.. "version\r\n"u8], ReadMemcached),
        new("domain", [53], TcpDns(), ReadDns),
        // CONNECT of MQTT 3.1.1 with a clean session and no name (MQTT 3.1.1, section 3.1).
        new("mqtt", [1883, 8883], [0x10, 0x0C, 0, 4, .. "MQTT"u8, 4, 2, 0, 10, 0, 0], ReadMqtt),
        new("amqp", [5671, 5672], [.. "AMQP"u8, 0, 0, 9, 1], ReadAmqp),
        // X.224 connection request with an RDP negotiation request for TLS, CredSSP and the old way (MS-RDPBCGR, section 2.2.1.1).
        new("ms-wbt-server", [3389], [3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0], ReadRdp),
        new("rtsp", [554, 8554], [.. "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"u8], ReadRtsp),
        new("sip", [5060, 5061], SipMessage.Options("tcp"), SipMessage.Read),
    ];

    /// <summary>The question to ask at a port first; null where there is none.</summary>
    public static TcpProbe? For(int port)
    {
        foreach (var probe in All)
        {
            if (Array.IndexOf(probe.Ports, port) >= 0)
                return probe;
        }
        return null;
    }

    /// <summary>Reads an answer to a question of another protocol: many servers say who they are when they refuse.</summary>
    public static ServiceFacts? ReadRefusal(ReadOnlySpan<byte> answer) => answer switch
    {
        // An alert (RFC 8446, section 6), or a page that says so.
        [0x15, 3, >= 0 and <= 4, 0, 2, ..] => new ServiceFacts("tls"),
        _ when answer.StartsWith("-ERR unknown command"u8) || answer.StartsWith("-ERR wrong number of arguments"u8) || answer.StartsWith("-NOAUTH"u8) || answer.StartsWith("-DENIED"u8) => new ServiceFacts("redis") { Banner = WireText.Of(WireText.Line(answer)) },
        _ when answer.StartsWith("ERROR\r\n"u8) => new ServiceFacts("memcache") { Banner = "ERROR" },
        _ when answer.StartsWith("It looks like you are trying to access MongoDB"u8) => new ServiceFacts("mongodb") { Product = "MongoDB", Banner = WireText.Of(WireText.Line(answer)) },
        _ => HttpPage.Read(answer) ?? (answer.StartsWith("AMQP"u8) ? ReadAmqp(answer) : null),
    };

    public static ServiceFacts? ReadRedis(ReadOnlySpan<byte> answer)
    {
        if (answer.Length == 0)
            return null;
        var line = WireText.Line(answer);
        if (answer[0] == '-')
            return line.StartsWith("-NOAUTH"u8) || line.StartsWith("-ERR"u8) || line.StartsWith("-DENIED"u8) || line.StartsWith("-NOPERM"u8)
                ? new ServiceFacts("redis") { Banner = WireText.Of(line) }
                : null;
        if (answer[0] != '$')
            return null;
        foreach (var (word, product) in (ReadOnlySpan<(byte[], string)>)[([.. "valkey_version:"u8], "Valkey"), ([.. "redis_version:"u8], "Redis")])
        {
            var at = answer.IndexOf(word);
            if (at >= 0)
                return new ServiceFacts("redis") { Product = product, Version = WireText.Version(WireText.Line(answer[(at + word.Length)..])), Banner = WireText.Of(WireText.Line(answer[at..])) };
        }
        return null;
    }

    // One byte answers the question whether TLS is spoken (PostgreSQL's manual, "Message Flow", "SSL Session Encryption").
    public static ServiceFacts? ReadPostgres(ReadOnlySpan<byte> answer) => answer switch
    {
        [(byte)'S'] => new ServiceFacts("postgresql") { Product = "PostgreSQL", StartsTls = true },
        [(byte)'N'] => new ServiceFacts("postgresql") { Product = "PostgreSQL" },
        [(byte)'E', 0, 0, .., 0] => new ServiceFacts("postgresql") { Banner = WireText.Of(answer[5..^1]) },
        _ => null,
    };

    public static ServiceFacts? ReadMemcached(ReadOnlySpan<byte> answer) => answer.StartsWith("VERSION "u8)
        ? new ServiceFacts("memcache") { Product = "memcached", Version = WireText.Version(WireText.Line(answer[8..])), Banner = WireText.Of(WireText.Line(answer)) }
        : answer.StartsWith("ERROR\r\n"u8) ? new ServiceFacts("memcache") { Banner = "ERROR" } : null;

    public static ServiceFacts? ReadMqtt(ReadOnlySpan<byte> answer) => answer switch
    {
        [0x20, 2, 0 or 1, <= 5, ..] => new ServiceFacts("mqtt") { Version = "3.1.1", Banner = answer[3] == 0 ? "accepts anybody" : "refuses with code " + answer[3] },
        _ => null,
    };

    public static ServiceFacts? ReadAmqp(ReadOnlySpan<byte> answer)
    {
        if (answer is [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', _, var major, var minor, var revision, ..])
            return new ServiceFacts("amqp") { Version = $"{major}.{minor}.{revision}" };
        // Connection.Start: a method frame of channel 0, class 10, method 10, then the version (AMQP 0-9-1, section 1.4.2.1).
        if (answer is not [1, 0, 0, _, _, _, _, 0, 10, 0, 10, var high, var low, ..])
            return null;
        return new ServiceFacts("amqp") { Product = Entry(answer, "product"u8), Version = Entry(answer, "version"u8) ?? $"{high}.{low}" };
    }

    public static ServiceFacts? ReadRdp(ReadOnlySpan<byte> answer)
    {
        // TPKT, X.224 connection confirm, and what was negotiated where the server is new enough.
        if (answer is not [3, 0, 0, _, _, 0xD0, ..] || answer.Length < 11)
            return null;
        var protocol = answer.Length >= 19 && answer[11] == 2 ? BinaryPrimitives.ReadUInt32LittleEndian(answer[15..]) : 0u;
        return new ServiceFacts("ms-wbt-server") { Banner = (protocol & 2) != 0 ? "wants CredSSP" : (protocol & 1) != 0 ? "speaks TLS" : "old security", StartsTls = protocol is 1 or 2 };
    }

    public static ServiceFacts? ReadRtsp(ReadOnlySpan<byte> answer)
    {
        if (!answer.StartsWith("RTSP/1.0 "u8))
            return null;
        var server = HttpPage.Field(answer, "server"u8);
        var (product, version) = server.IsEmpty ? (null, null) : WireText.Product(server);
        return new ServiceFacts("rtsp") { Product = product, Version = version, Banner = WireText.Of(WireText.Line(answer)) };
    }

    // Behind two bytes of length (RFC 1035, section 4.2.2).
    public static ServiceFacts? ReadDns(ReadOnlySpan<byte> answer) => answer.Length > 2 ? DnsVersion.Read(answer[2..]) : null;

    private static byte[] TcpDns()
    {
        var query = DnsVersion.Query();
        return [(byte)(query.Length >> 8), (byte)query.Length, .. query];
    }

    /// <summary>A text of AMQP's table of server properties: a short name, the type S, a long text.</summary>
    private static string? Entry(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> name)
    {
        Span<byte> key = stackalloc byte[name.Length + 2];
        key[0] = (byte)name.Length;
        name.CopyTo(key[1..]);
        key[^1] = (byte)'S';
        var at = frame.IndexOf(key);
        if (at < 0 || frame.Length < at + key.Length + 4)
            return null;
        var rest = frame[(at + key.Length)..];
        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        return length is > 0 and <= 200 && length <= rest.Length - 4 ? WireText.Of(rest.Slice(4, (int)length)) : null;
    }
}
