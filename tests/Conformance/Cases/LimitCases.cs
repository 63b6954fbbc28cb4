using Codomyrmex.Networking.Tests.Conformance.Steps;
using static Codomyrmex.Networking.Tests.Conformance.Cases.CaseKit;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Sections 9 and 10: large messages, many fragments, many messages.</summary>
internal static class LimitCases
{
    private const int KiB = 1024;
    private const int MiB = 1024 * 1024;

    public static IEnumerable<ConformanceCase> All =>
    [
        .. from isText in (bool[])[true, false]
           from size in (int[])[64 * KiB, 256 * KiB, MiB, 4 * MiB, 8 * MiB, 16 * MiB]
           select Echoes($"9.{(isText ? 1 : 2)}.{size / KiB}", $"{KindOf(isText)} of {size / KiB} KiB in one frame", isText, size, int.MaxValue),
        .. from isText in (bool[])[true, false]
           from part in (int[])[64, 256, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB]
           select Echoes($"9.{(isText ? 3 : 4)}.{part}", $"{KindOf(isText)} of 4 MiB in parts of {part} bytes", isText, 4 * MiB, part),
        Echoes("9.4.131072", "bytes of 16 MiB in parts of 128 KiB", false, 16 * MiB, 128 * KiB),
        .. from isText in (bool[])[true, false]
           from chop in (int[])[64, 128, 256, 512, KiB, 2 * KiB]
           select Echoes($"9.{(isText ? 5 : 6)}.{chop}", $"{KindOf(isText)} of 1 MiB, {chop} bytes a write", isText, MiB, int.MaxValue, chop),
        .. from isText in (bool[])[true, false]
           from size in (int[])[0, 16, 64, 256, KiB, 4 * KiB]
           select RoundTrips($"9.{(isText ? 7 : 8)}.{size}", $"a thousand times {KindOf(isText)} of {size} bytes, there and back", isText, size),
        Fails("9.9.1", "a frame beyond the limit fails on its head alone", 1009, [.. Greeting, new Send(Wire.Head(Wire.Binary, 65537))]) with { MaxMessageBytes = 65536 },
        Works("9.9.2", "a message of exactly the limit", new Send(Whole(false, Wire.Octets(65536))), new SeesMessage(false, Wire.Octets(65536))) with { MaxMessageBytes = 65536 },
        Fails("9.9.3", "parts that add up beyond the limit fail on the head of the one too many", 1009,
            new Send((byte[])[.. Wire.Frame(Wire.Binary, Wire.Octets(65536), fin: false), .. Wire.Head(Wire.Continuation, 1)])) with { MaxMessageBytes = 65536 },
        Echoes("10.1", "text of 64 KiB in parts of 1,300 bytes", true, 65536, 1300),
    ];

    private static ConformanceCase Echoes(string id, string title, bool isText, int size, int part, int chop = int.MaxValue) => Works(id, title, new Deferred(() =>
    {
        var bytes = isText ? Wire.Letters(size) : Wire.Octets(size);
        return [new Send(part == int.MaxValue ? Whole(isText, bytes) : Fragmented(isText, bytes, part), chop), new SeesMessage(isText, bytes)];
    }));

    private static ConformanceCase RoundTrips(string id, string title, bool isText, int size) => Works(id, title, new Deferred(() =>
    {
        var bytes = isText ? Wire.Letters(size) : Wire.Octets(size);
        IStep[] once = [new Send(Whole(isText, bytes)), new SeesMessage(isText, bytes)];
        return [.. Enumerable.Repeat(once, 1000).SelectMany(static steps => steps)];
    }));
}
