using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Conformance.Steps;
using static Codomyrmex.Networking.Tests.Conformance.Cases.CaseKit;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Section 5: messages in parts, control frames between them, continuations of nothing.</summary>
internal static class FragmentationCases
{
    private static readonly int[] Chops = [int.MaxValue, 1];

    private static IStep Echo { get; } = new SeesMessage(true, "fragment1fragment2"u8.ToArray());

    public static IEnumerable<ConformanceCase> All =>
    [
        Fails("5.1", "a ping in two parts", 1002, [.. Greeting, new Send(Wire.Head(Wire.PingCode, 1, fin: false))]),
        Fails("5.2", "a pong in two parts", 1002, [.. Greeting, new Send(Wire.Head(Wire.PongCode, 1, fin: false))]),
        Fails("5.2.close", "a close frame in two parts", 1002, [.. Greeting, new Send(Wire.Head(Wire.CloseCode, 2, fin: false))]),
        .. from chop in Chops from bad in Chopped(chop) select bad,
        Works("5.19", "five parts with pings between, each answered before the message is complete",
            [.. Enumerable.Range(1, 4).SelectMany(number => (IStep[])[new Send(Part(number)), .. Pinged($"ping {number}")]), new Send(Part(5)),
                new SeesMessage(true, "part 1part 2part 3part 4part 5"u8.ToArray())]),
        Works("5.21", "a message of empty parts",
            new Send((byte[])[.. Wire.Frame(Wire.Text, [], fin: false), .. Wire.Frame(Wire.Continuation, [], fin: false), .. Wire.Frame(Wire.Continuation, [])]),
            new SeesMessage(true, ReadOnlyMemory<byte>.Empty)),
        Works("5.22", "empty parts around one with content",
            new Send((byte[])[.. Wire.Frame(Wire.Binary, [], fin: false), .. Wire.Frame(Wire.Continuation, [0xFF, 0], fin: false), .. Wire.Frame(Wire.Continuation, [])]),
            new SeesMessage(false, new byte[] { 0xFF, 0 })),
        Works("5.23", "a pong that nobody asked for between two parts",
            new Send((byte[])[.. Wire.Frame(Wire.Text, "fragment1"u8, fin: false), .. Wire.Pong("x"), .. Wire.Frame(Wire.Continuation, "fragment2"u8)]), Echo),
        new("5.24", "a close frame between two parts ends it, the message unfinished", ClientEnd.Either,
            new Send((byte[])[.. Wire.Frame(Wire.Text, "fragment1"u8, fin: false), .. Wire.Close(1000)]), new SeesClose(1000)),
    ];

    private static IEnumerable<ConformanceCase> Chopped(int chop)
    {
        var (id, how) = chop == 1 ? (".chopped", ", byte by byte") : ("", "");
        byte[] first = Wire.Frame(Wire.Text, "fragment1"u8, fin: false), last = Wire.Frame(Wire.Continuation, "fragment2"u8), more = Wire.Frame(Wire.Continuation, "fragment2"u8, fin: false);
        yield return Works("5.3" + id, "text in two parts" + how, new Send((byte[])[.. first, .. last], chop), Echo);
        yield return Works("5.4" + id, "two texts in two parts each" + how, new Send((byte[])[.. first, .. last, .. first, .. last], chop), Echo, Echo);
        yield return Works("5.5" + id, "bytes in two parts" + how,
            new Send((byte[])[.. Wire.Frame(Wire.Binary, [1, 255], fin: false), .. Wire.Frame(Wire.Continuation, [2])], chop), new SeesMessage(false, new byte[] { 1, 255, 2 }));
        yield return Works("5.6" + id, "a ping between two parts is answered first" + how,
            new Send((byte[])[.. first, .. Wire.Ping("between"), .. last], chop), new SeesFrame(WebSocketOpcode.Pong, "between"u8.ToArray()), Echo);
        yield return Fails("5.9" + id, "a continuation of nothing" + how, 1002, [.. Greeting, new Send((byte[])[.. last, .. Wire.Frame(Wire.Text, "x"u8)], chop)]);
        yield return Fails("5.12" + id, "a continuation of nothing that says more follows" + how, 1002, [.. Greeting, new Send((byte[])[.. more, .. Wire.Frame(Wire.Text, "x"u8)], chop)]);
        yield return Fails("5.14" + id, "a continuation as the very first frame" + how, 1002, new Send((byte[])[.. last, .. Wire.Ping()], chop));
        yield return Fails("5.15" + id, "a continuation behind a finished message" + how, 1002, new Send((byte[])[.. first, .. last], chop), Echo, new Send((byte[])[.. more, .. Wire.Frame(Wire.Text, "x"u8)], chop));
        yield return Fails("5.18" + id, "a text within a text" + how, 1002, [.. Greeting, new Send((byte[])[.. first, .. Wire.Frame(Wire.Text, "fragment2"u8)], chop)]);
        yield return Fails("5.18.binary" + id, "bytes within a text" + how, 1002, [.. Greeting, new Send((byte[])[.. first, .. Wire.Head(Wire.Binary, 9)], chop)]);
    }

    private static byte[] Part(int number) => Wire.Frame(number == 1 ? Wire.Text : Wire.Continuation, Wire.Utf8($"part {number}"), fin: number == 5);
}
