using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Conformance.Steps;
using static Codomyrmex.Networking.Tests.Conformance.Cases.CaseKit;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Section 2: pings and pongs.</summary>
internal static class PingCases
{
    private static readonly byte[] Odd = [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF];
    private static readonly byte[] Full = Wire.Octets(125);

    public static IEnumerable<ConformanceCase> All =>
    [
        Works("2.1", "a ping without payload", Pinged("")),
        Works("2.2", "a ping with text", Pinged("Hello, world!")),
        Works("2.3", "a ping with bytes that are no UTF-8", new Send(Wire.Frame(Wire.PingCode, Odd)), new SeesFrame(WebSocketOpcode.Pong, Odd)),
        Works("2.4", "a ping with 125 bytes", new Send(Wire.Frame(Wire.PingCode, Full)), new SeesFrame(WebSocketOpcode.Pong, Full)),
        Fails("2.5", "a ping with 126 bytes", 1002, new Send(Wire.Frame(Wire.PingCode, Wire.Octets(126)))),
        Fails("2.5.head", "a ping with 126 bytes fails on its head alone", 1002, new Send(Wire.Head(Wire.PingCode, 126))),
        Fails("2.5.pong", "a pong with 126 bytes", 1002, new Send(Wire.Frame(Wire.PongCode, Wire.Octets(126)))),
        Works("2.6", "a ping with 125 bytes, byte by byte", new Send(Wire.Frame(Wire.PingCode, Full), 1), new SeesFrame(WebSocketOpcode.Pong, Full)),
        Works("2.7", "a pong that nobody asked for, without payload", [new Send(Wire.Pong()), .. NoReaction]),
        Works("2.8", "a pong that nobody asked for, with payload", [new Send(Wire.Pong("unasked")), .. NoReaction]),
        Works("2.9", "a pong that nobody asked for, then a ping", [new Send(Wire.Pong("unasked")), .. Pinged("asked")]),
        Works("2.10", "ten pings at once, answered in order", new Send(Many(10)), Pongs(10)),
        Works("2.11", "ten pings, byte by byte", new Send(Many(10), 1), Pongs(10)),
        Works("2.12", "a thousand pings at once", new Send(Many(1000)), Pongs(1000)),
        Works("2.13", "pings between messages in one write",
            new Send((byte[])[.. Wire.Ping("a"), .. Wire.Frame(Wire.Text, "m"u8), .. Wire.Ping("b")]), new SeesAny(
                new SeesFrame(WebSocketOpcode.Pong, "a"u8.ToArray()), new SeesFrame(WebSocketOpcode.Pong, "b"u8.ToArray()), new SeesMessage(true, "m"u8.ToArray()))),
    ];

    private static byte[] Many(int count) => [.. Enumerable.Range(0, count).SelectMany(number => Wire.Ping($"ping {number}"))];

    private static SeesPongs Pongs(int count) => new([.. Enumerable.Range(0, count).Select(number => $"ping {number}")]);
}
