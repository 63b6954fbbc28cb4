using Codomyrmex.Networking.Tests.Conformance.Steps;
using static Codomyrmex.Networking.Tests.Conformance.Cases.CaseKit;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Section 6: texts are UTF-8, whatever the parts they come in, and one that is not fails at the very octet that shows it.</summary>
internal static class Utf8Cases
{
    private static readonly byte[] Start = Wire.Utf8("κόσμε ");

    public static IEnumerable<ConformanceCase> All =>
    [
        .. Utf8Sequences.Valid.Index().Select(item => Valid(item.Index, item.Item)),
        .. Utf8Sequences.Invalid.SelectMany(Invalid),
        .. Utf8Sequences.Unfinished.SelectMany(Unfinished),
        Works("6.9", "bytes that are no UTF-8 are fine in a binary message", new Send(Wire.Frame(Wire.Binary, [0xFF, 0xC0, 0x80])), new SeesMessage(false, new byte[] { 0xFF, 0xC0, 0x80 })),
        Works("6.10", "the state of one text does not reach the next",
            [.. Utf8Sequences.Valid.SelectMany(octets => (IStep[])[new Send(Wire.Frame(Wire.Text, octets)), new SeesMessage(true, octets)])]),
        .. from size in (int[])[15, 16, 31, 32, 63, 64, 127, 4095, 4096, 16383, 65535]
           select Fails($"6.11.{size}", $"a bad octet behind {size} good ones", 1007, new Send(Wire.Frame(Wire.Text, (byte[])[.. Wire.Letters(size), 0xC0, .. Wire.Letters(40)]))),
        .. from size in Enumerable.Range(0, 34)
           select Works($"6.12.{size}", $"characters of every length behind {size} letters",
               new Send(Wire.Frame(Wire.Text, Shifted(size))), new SeesMessage(true, Shifted(size))),
    ];

    private static byte[] Shifted(int size) => [.. Wire.Letters(size), .. Wire.Utf8("µ€🦊µ€🦊")];

    private static ConformanceCase Valid(int index, byte[] octets)
    {
        byte[] text = [.. Start, .. octets, .. "!"u8];
        List<IStep> steps = [new Send(Wire.Frame(Wire.Text, text)), new SeesMessage(true, text), new Send(Fragmented(true, text, 1), 1), new SeesMessage(true, text)];
        for (var split = 1; split < text.Length; split++)
        {
            byte[] frames = [.. Wire.Frame(Wire.Text, text.AsSpan(0, split), fin: false), .. Wire.Ping("between"), .. Wire.Frame(Wire.Continuation, text.AsSpan(split))];
            steps.AddRange([new Send(frames), new SeesFrame(Testing.WebSocketOpcode.Pong, "between"u8.ToArray()), new SeesMessage(true, text)]);
        }
        return Works($"6.2.{index}", $"{Convert.ToHexString(octets)} whole, octet by octet, and split at each octet", steps);
    }

    private static IEnumerable<ConformanceCase> Invalid(string hex)
    {
        byte[] text = [.. Start, .. Convert.FromHexString(hex), .. "!"u8];
        var bad = Utf8Sequences.FirstBad(text);
        yield return Fails($"6.3.{hex}", $"{hex} in one frame", 1007, [.. Greeting, new Send(Wire.Frame(Wire.Text, text))]);
        yield return Fails($"6.4.{hex}", $"{hex} fails at its bad octet, the rest of the frame unsent", 1007,
            new Send((byte[])[.. Wire.Head(Wire.Text, text.Length + 64), .. text[..(bad + 1)]]));
        yield return Fails($"6.5.{hex}", $"{hex} fails at its bad octet, octet by octet", 1007,
            new Send((byte[])[.. Wire.Head(Wire.Text, text.Length + 64), .. text[..(bad + 1)]], 1));
        for (var split = Start.Length + 1; split <= bad; split++)
        {
            yield return Fails($"6.6.{hex}.{split - Start.Length}", $"{hex} split behind its octet {split - Start.Length} fails at its bad octet, the message unfinished", 1007,
                new Send((byte[])[.. Wire.Frame(Wire.Text, text.AsSpan(0, split), fin: false), .. Wire.Head(Wire.Continuation, text.Length), .. text[split..(bad + 1)]]));
        }
    }

    private static IEnumerable<ConformanceCase> Unfinished(string hex)
    {
        byte[] text = [.. Start, .. Convert.FromHexString(hex)];
        yield return Fails($"6.7.{hex}", $"{hex} at the end of a text", 1007, [.. Greeting, new Send(Wire.Frame(Wire.Text, text))]);
        yield return Fails($"6.8.{hex}", $"{hex} at the end of a text whose last part is empty", 1007,
            new Send((byte[])[.. Wire.Frame(Wire.Text, text, fin: false), .. Wire.Frame(Wire.Continuation, [])]));
    }
}
