using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Sockets.Protocol;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Readers of frames and of what stands before them: what comes out is the same wherever the bytes were cut.</summary>
internal static class SocketTargets
{
    private static readonly Framing[] Framings =
    [
        Framing.Raw, Framing.Lines, Framing.CrLfLines, Framing.Delimiter("||"), Framing.FixedLength(3), Framing.VarInt, Framing.LengthPrefixed(1),
        Framing.LengthPrefixed(2), Framing.LengthPrefixed(4, ByteOrder.LittleEndian), Framing.LengthPrefixed(8),
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("frames", ReadFrames) { Words = ["\n", "\r\n", "|", "||", "\0\0\0\u0002", "\u0002\0\0\0", "\u0080\u0001", "\u007F", "\u00FF\u00FF\u00FF\u00FF"] },
        new("proxy-header", ReadProxyHeader)
        {
            Words = ["PROXY TCP4 ", "PROXY TCP6 ", "PROXY UNKNOWN", "\r\n", " ", "192.0.2.1", "2001:db8::1", "65535", "\r\n\r\n\0\r\nQUIT\n", "\u0021\u0011\0\u000C", "\u0020\0\0\0"],
        },
        new("control-messages", ReadControlMessages) { Words = ["\u0014\0\0\0\0\0\0\0\u0011\0\0\0\u0068\0\0\0", "\u0020\0\0\0\0\0\0\0\0\0\0\0\u000B\0\0\0", "\u0029\0\0\0\u0019\0\0\0"] },
        new("udp-correlation", Correlate) { Words = ["\0\u0001\u0080\0"] },
    ];

    private static void ReadFrames(byte[] input)
    {
        foreach (var framing in Framings)
        {
            var (whole, rest, problem) = Frames(framing, input, input.Length + 1);
            foreach (var size in (int[])[1, 2, 7])
            {
                if (framing == Framing.Raw)
                    continue;
                var cut = Frames(framing, input, size);
                Promise.Keep(cut.Taken == rest && cut.Problem == problem && whole.Count == cut.Frames.Count, "cuts change no frame");
                Promise.Keep(whole.Zip(cut.Frames, static (one, other) => one.AsSpan().SequenceEqual(other)).All(static same => same), "cuts change no byte");
            }
        }
    }

    private static (List<byte[]> Frames, int Taken, string? Problem) Frames(Framing framing, byte[] input, int size)
    {
        var frames = new List<byte[]>();
        var (start, searched) = (0, 0);
        for (var end = Math.Min(size, input.Length); ; end = Math.Min(end + size, input.Length))
        {
            while (start < end)
            {
                var scan = framing.Scan(input.AsSpan(start, end - start), ref searched);
                if (scan.Problem is not null)
                    return (frames, start, scan.Problem);
                Promise.Keep(searched >= 0 && searched <= end - start, "what was searched has arrived");
                if (!scan.IsComplete)
                    break;
                Promise.Keep(scan.Start >= 0 && scan.Length >= 0 && scan.Start + scan.Length <= scan.Consumed && scan.Consumed <= end - start, "a frame lies within what has arrived");
                frames.Add(input.AsSpan(start + scan.Start, (int)scan.Length).ToArray());
                start += scan.Consumed;
                searched = 0;
            }
            if (end >= input.Length)
                return (frames, start, null);
        }
    }

    private static void ReadProxyHeader(byte[] input)
    {
        var received = 0;
        while (ProxyHeader.Missing(input.AsSpan(0, received)) is var missing and > 0)
        {
            Promise.Keep(received + missing <= ProxyHeader.MaxBytes, "a header has a bounded length");
            if (received + missing > input.Length)
                return;
            received += missing;
        }
        _ = ProxyHeader.Read(input.AsSpan(0, received));
    }

    private static void ReadControlMessages(byte[] input)
    {
        Promise.Keep(ControlMessages.SegmentLength(input) >= 0, "a length is not negative");
        _ = ControlMessages.TryReadError(input, out _, out _);
        if (ControlMessages.TryFind(input, 17, 104, out var data))
            Promise.Keep(data.Length <= input.Length - ControlMessages.HeaderBytes, "what is found lies within");
    }

    private static void Correlate(byte[] input)
    {
        var request = input.AsSpan(0, input.Length / 2);
        var reply = input.AsSpan(input.Length / 2);
        Promise.Keep(!UDPCorrelations.Dns(request, reply) || request[..2].SequenceEqual(reply[..2]), "a reply has the identifier of its request");
        Promise.Keep(UDPCorrelations.SameBytes(0, 4)(request, reply) == (request.Length >= 4 && reply.Length >= 4 && request[..4].SequenceEqual(reply[..4])), "same bytes are the same");
    }
}
