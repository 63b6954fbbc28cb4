using System.IO.Compression;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Conformance.Client;
using Codomyrmex.Networking.Tests.Conformance.Steps;
using static Codomyrmex.Networking.Tests.Conformance.Cases.CaseKit;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Sections 12 and 13: permessage-deflate (RFC 7692) with every kind of agreement, every kind of block, and what is none.</summary>
internal static class CompressionCases
{
    private const int Rsv1 = 4;

    private static readonly CompressionOffer Offer = new();
    private static readonly int?[] Windows = [null, 8, 9, 10, 11, 12, 13, 14, 15];

    public static IEnumerable<ConformanceCase> All => [.. Sizes, .. Agreements, .. Octets, .. Bad];

    private static IEnumerable<ConformanceCase> Sizes =>
        from kind in ((string Name, int Number, bool IsText, Func<int, byte[]> Make)[])
            [("JSON", 1, true, Json), ("letters", 2, true, Wire.Letters), ("octets", 3, false, Wire.Octets), ("zeros", 4, false, size => new byte[size])]
        from size in (int[])[0, 1, 16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072]
        let count = Math.Clamp(1 << 20 >> (int)Math.Log2(Math.Max(size, 1)), 4, 200)
        from part in (int[])[int.MaxValue, 256]
        where part < size || part == int.MaxValue
        select With(Works($"12.{kind.Number}.{size}{(part == 256 ? ".parts" : "")}", $"{count} messages of {size} bytes of {kind.Name}{(part == 256 ? " in parts of 256 bytes" : "")}",
            new Deferred(() => Exchange(kind.IsText, kind.Make(size), count, part))));

    private static IEnumerable<ConformanceCase> Agreements =>
    [
        .. from serverForgets in (bool[])[false, true]
           from clientForgets in (bool[])[false, true]
           from serverBits in Windows
           from offer in (CompressionOffer[])[Offer, new(serverForgets, clientForgets)]
           let name = $"{(serverForgets ? "s" : "")}{(clientForgets ? "c" : "")}.{serverBits}{(ReferenceEquals(offer, Offer) ? "" : ".offered")}"
           select With(
               Works($"13.1.{name}", $"server {Words(serverForgets)}, client {Words(clientForgets)}, window of {serverBits?.ToString() ?? "any number of"} bits", new Deferred(() => Exchange(true, Json(40000), 3, int.MaxValue))),
               new WebSocketServerCompression { ServerNoContextTakeover = serverForgets, ClientNoContextTakeover = clientForgets, ServerMaxWindowBits = serverBits }) with { Offer = offer },
        With(Works("13.1.client", "a server that wants a window of the client's which was not offered declines", new Deferred(() => Exchange(true, Json(40000), 3, int.MaxValue))),
            new WebSocketServerCompression { ClientMaxWindowBits = 10 }),
    ];

    // The examples of RFC 7692, section 7.2.3, and other ways to write the same.
    private static IEnumerable<ConformanceCase> Octets =>
    [
        Hello("13.2.1", "one block of the fixed code", Compressed("F248CDC9C90700")),
        Hello("13.2.2", "one block in two frames", [.. Frame("F248CD", fin: false), .. Frame("C9C90700", Wire.Continuation)]),
        Hello("13.2.3", "one block in frames of an octet each", [.. PartsOf(Convert.FromHexString("F248CDC9C90700"))]),
        Hello("13.2.4", "a block without compression", Compressed("000500FAFF48656C6C6F00")),
        Hello("13.2.5", "a block marked as the last one, with an empty one behind it", Compressed("F348CDC9C9070000")),
        Hello("13.2.6", "two blocks in one message", Compressed("F24805000000FFFFCAC9C90700")),
        Hello("13.2.7", "an empty last frame", [.. Frame("F248CDC9C90700", fin: false), .. Frame("", Wire.Continuation)]),
        Hello("13.2.8", "an empty first frame", [.. Frame("", fin: false), .. Frame("F248CDC9C90700", Wire.Continuation)]),
        Hello("13.2.9", "not compressed although it could be", Wire.Frame(Wire.Text, "Hello"u8)),
        Hello("13.2.10", "the four octets left away sent all the same", Compressed("F248CDC9C907000000FFFF00")),
        With(Works("13.2.11", "the second message refers to the first",
            new Send(Compressed("F248CDC9C90700")), new SeesEcho(true, "Hello"u8.ToArray()), new Send(Compressed("F200110000")), new SeesEcho(true, "Hello"u8.ToArray()))),
        With(Works("13.2.12", "an uncompressed message between two leaves the window alone",
            new Send(Compressed("F248CDC9C90700")), new SeesEcho(true, "Hello"u8.ToArray()), new Send(Wire.Frame(Wire.Text, "other"u8)), new SeesEcho(true, "other"u8.ToArray()),
            new Send(Compressed("F200110000")), new SeesEcho(true, "Hello"u8.ToArray()))),
        With(Works("13.2.13", "an empty message, in two spellings",
            new Send(Compressed("00")), new SeesEcho(true, ReadOnlyMemory<byte>.Empty), new Send(Compressed("0200")), new SeesEcho(true, ReadOnlyMemory<byte>.Empty))),
        With(Works("13.2.14", "pings between the frames of a compressed message",
            new Send((byte[])[.. Frame("F248CD", fin: false), .. Wire.Ping("between")]), new SeesFrame(WebSocketOpcode.Pong, "between"u8.ToArray()),
            new Send(Frame("C9C90700", Wire.Continuation)), new SeesEcho(true, "Hello"u8.ToArray()))),
        .. from level in (CompressionLevel[])[CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.SmallestSize]
           from size in (int[])[100, 70000, 1 << 20]
           select With(Works($"13.3.{level}.{size}", $"{size} bytes as the platform deflates them: {level}", new Deferred(() =>
               [new Send(Wire.Frame(Wire.Text, Deflated(Json(size), level), rsv: Rsv1)), new SeesEcho(true, Json(size))]))),
        .. from size in (int[])[100, 20000]
           select With(Works($"13.3.parts.{size}", $"{size} bytes as the platform deflates them, a frame an octet, a write each three octets", new Deferred(() =>
               [new Send((byte[])[.. PartsOf(Deflated(Json(size), CompressionLevel.Optimal))], 3), new SeesEcho(true, Json(size))]))),
    ];

    private static IEnumerable<ConformanceCase> Bad =>
    [
        With(Fails("13.4.1", "RSV1 on a continuation", 1002, new Send((byte[])[.. Frame("F248CD", fin: false), .. Wire.Head(Wire.Continuation, 4, rsv: Rsv1)]))),
        With(Fails("13.4.2", "RSV1 on a ping", 1002, new Send(Wire.Head(Wire.PingCode, 0, rsv: Rsv1)))),
        With(Fails("13.4.3", "RSV1 on a pong", 1002, new Send(Wire.Head(Wire.PongCode, 0, rsv: Rsv1)))),
        With(Fails("13.4.4", "RSV1 on a close frame", 1002, new Send(Wire.Head(Wire.CloseCode, 0, rsv: Rsv1)))),
        With(Fails("13.4.5", "RSV2 on a compressed text", 1002, new Send(Wire.Head(Wire.Text, 7, rsv: Rsv1 + 2)))),
        With(Fails("13.4.6", "RSV3 on a text", 1002, new Send(Wire.Head(Wire.Text, 7, rsv: 1)))),
        With(Fails("13.5.1", "a block of the reserved type", 1007, new Send(Compressed("0600")))),
        With(Fails("13.5.2", "a stored block whose length does not fit its complement", 1007, new Send(Compressed("000500FFFF48656C6C6F00")))),
        With(Fails("13.5.3", "a distance beyond what was sent", 1007, new Send(Compressed("F200110000")))),
        With(Fails("13.5.4", "letters instead of DEFLATE", 1007, new Send(Wire.Frame(Wire.Text, "this is plain text, marked as compressed"u8, rsv: Rsv1)))),
        With(Fails("13.5.5", "a code that is impossible", 1007, new Send(Compressed("04C0FFFFFFFFFFFFFFFFFFFF")))),
        With(Fails("13.5.6", "a distance with the context that was to be forgotten", 1007,
            new Send(Compressed("F248CDC9C90700")), new SeesEcho(true, "Hello"u8.ToArray()), new Send(Compressed("F200110000"))),
            new WebSocketServerCompression { ServerNoContextTakeover = true }),
        With(Fails("13.5.7", "a distance beyond the window agreed on", 1007, new Deferred(() =>
            [new Send(Wire.Frame(Wire.Binary, Deflated([.. Wire.Octets(600), .. Wire.Octets(600)], CompressionLevel.Optimal), rsv: Rsv1))])),
            new WebSocketServerCompression { ServerMaxWindowBits = 9 }),
        With(Fails("13.6.1", "a text that is no UTF-8 when it is inflated", 1007, new Deferred(() => [new Send(Wire.Frame(Wire.Text, Deflated([0x48, 0xC0, 0x80], CompressionLevel.Optimal), rsv: Rsv1))]))),
        With(Fails("13.6.2", "a text that ends within a character when it is inflated", 1007, new Deferred(() => [new Send(Wire.Frame(Wire.Text, Deflated([0x48, 0xE2, 0x82], CompressionLevel.Optimal), rsv: Rsv1))]))),
        With(Fails("13.7.1", "a bomb: 64 MiB of zeros in 64 KiB stop at the limit", 1009, new Deferred(() =>
            [new Send(Wire.Frame(Wire.Binary, Deflated(new byte[64 << 20], CompressionLevel.Optimal), rsv: Rsv1))]))) with { MaxMessageBytes = 1 << 20 },
        With(Fails("13.7.2", "a bomb in many frames stops before the message is complete", 1009, new Deferred(() =>
            [.. PartsOf(Deflated(new byte[4 << 20], CompressionLevel.Optimal)).Chunk(1200).Select(some => new Send(some)).SkipLast(1)]))) with { MaxMessageBytes = 65536 },
        With(Works("13.7.3", "a message of exactly the limit when it is inflated", new Deferred(() =>
            [new Send(Wire.Frame(Wire.Binary, Deflated(new byte[65536], CompressionLevel.Optimal), rsv: Rsv1)), new SeesEcho(false, new byte[65536])]))) with { MaxMessageBytes = 65536 },
    ];

    private static ConformanceCase With(ConformanceCase that, WebSocketServerCompression? compression = null) =>
        that with { Offer = Offer, Compression = compression ?? new WebSocketServerCompression() };

    private static ConformanceCase Hello(string id, string title, byte[] frames) => With(Works(id, title, new Send(frames), new SeesEcho(true, "Hello"u8.ToArray())));

    private static IReadOnlyList<IStep> Exchange(bool isText, byte[] bytes, int count, int part) =>
        [.. Enumerable.Range(0, count).SelectMany(_ => (IStep[])[part == int.MaxValue ? new SendMessage(isText, bytes) : new SendInParts(isText, bytes, part), new SeesEcho(isText, bytes)])];

    private static string Words(bool forgets) => forgets ? "forgets" : "remembers";

    private static byte[] Compressed(string hex) => Frame(hex);

    private static byte[] Frame(string hex, int opcode = Wire.Text, bool fin = true) => Wire.Frame(opcode, Convert.FromHexString(hex), fin, opcode == Wire.Text ? Rsv1 : 0);

    private static IEnumerable<byte> PartsOf(byte[] compressed) =>
        compressed.Index().SelectMany(octet => Wire.Frame(octet.Index == 0 ? Wire.Text : Wire.Continuation, [octet.Item], octet.Index == compressed.Length - 1, octet.Index == 0 ? Rsv1 : 0));

    /// <summary>As the platform's deflater has it, dynamic codes and all, without the four octets at the end.</summary>
    private static byte[] Deflated(byte[] bytes, CompressionLevel level)
    {
        using var all = new MemoryStream();
        using (var deflate = new DeflateStream(all, level, leaveOpen: true))
        {
            deflate.Write(bytes);
            deflate.Flush();
            return all.ToArray()[..^4];
        }
    }

    private static byte[] Json(int size)
    {
        var text = string.Concat(Enumerable.Range(0, (size / 40) + 1).Select(number => $"{{\"id\":{number},\"name\":\"item {number * 7919 % 10007}\",\"µ\":[1,2,3]}},"));
        var bytes = Wire.Utf8(text).AsSpan(0, size).ToArray();
        // Not in the middle of the one character of two octets.
        for (var i = size - 1; i >= 0 && bytes[i] >= 0x80 && Utf8Sequences.FirstBad(bytes.AsSpan(i)) < 0; i--)
            bytes[i] = (byte)' ';
        return bytes;
    }
}
