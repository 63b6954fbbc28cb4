using System.Text;
using Codomyrmex.Networking.WebSockets;
using Codomyrmex.Networking.WebSockets.Internal;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What a WebSocket server sends: frames, compressed messages, the answer to the handshake. Where the bytes were cut changes nothing.</summary>
internal static class WebSocketTargets
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private static readonly WebSocketLimits Limits = new() { MessageBytes = 4096, FrameBytes = 2048, Fragments = 16 };

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("websocket-frames", input => ReadFrames(input, compressed: false)) { Iterations = 10_000 },
        new("websocket-inflate", input => ReadFrames(input, compressed: true)) { Iterations = 5_000 },
        new("websocket-handshake", ReadAnswer)
        {
            Words =
            [
                "HTTP/1.1 101 Switching Protocols\r\n", "Upgrade: websocket\r\n", "Connection: Upgrade\r\n", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
                "Sec-WebSocket-Protocol: chat\r\n", "Sec-WebSocket-Extensions: permessage-deflate", "; server_max_window_bits=", "; client_max_window_bits", "; server_no_context_takeover", "\r\n\r\n", "\"", ",",
            ],
        },
    ];

    private static void ReadFrames(byte[] input, bool compressed)
    {
        var whole = Frames(input, Math.Max(1, input.Length), compressed);
        Promise.Keep(whole.Messages.TrueForAll(message => message.Bytes.Length <= Limits.MessageBytes), "a message is bounded");
        Promise.Keep(whole.Messages.TrueForAll(message => !message.IsText || System.Text.Unicode.Utf8.IsValid(message.Bytes)), "a text is UTF-8");
        foreach (var size in (int[])[1, 7])
        {
            var cut = Frames(input, size, compressed);
            Promise.Keep(whole.End == cut.End, $"cuts change no end: {whole.End}, {cut.End}");
            Promise.Keep(whole.Control.SequenceEqual(cut.Control), "cuts change no control frame");
            Promise.Keep(whole.Messages.Count == cut.Messages.Count, $"cuts lose no message: {whole.Messages.Count}, {cut.Messages.Count}");
            foreach (var (one, other) in whole.Messages.Zip(cut.Messages))
                Promise.Keep(one.IsText == other.IsText && one.Bytes.AsSpan().SequenceEqual(other.Bytes), "cuts change no message");
        }
    }

    private static (List<(bool IsText, byte[] Bytes)> Messages, List<string> Control, string End) Frames(byte[] input, int size, bool compressed)
    {
        var queue = new PieceQueue(long.MaxValue);
        var receiver = new MessageReceiver(queue);
        var sink = new Sink();
        var messages = new List<(bool, byte[])>();
        var end = "";
        using (var reader = new FrameReader(new Pieces(input, size), default, queue, sink, Limits, compressed ? new Inflater() : null))
        {
            try
            {
                end = reader.RunAsync(CancellationToken.None).GetAwaiter().GetResult() ? "closed" : "ended";
            }
            catch (ProtocolFaultException fault)
            {
                // How much the platform inflates before it sees that the data is bad depends on the cuts, so that either may be found first.
                end = compressed && fault.Fault.Code is WebSocketCloseCode.InvalidData or WebSocketCloseCode.MessageTooBig ? "bad or too large" : $"{fault.Fault}";
            }
            queue.Complete();
            while (receiver.ReceiveAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } message)
                messages.Add((message.IsText, message.ToArray()));
        }
        return (messages, sink.Seen, end);
    }

    private static void ReadAnswer(byte[] input)
    {
        var length = Upgrade.HeadLength(input);
        if (length == 0)
            return;
        Promise.Keep(length <= input.Length, "a head is not longer than what came");
        var head = HttpHead.Parse(input.AsSpan(0, length));
        var (subprotocol, terms) = Upgrade.Judge(head, Key, ["chat"], new DeflateTerms(true, true));
        Promise.Keep(subprotocol == "chat", "a subprotocol is one that was offered");
        Promise.Keep(Encoding.Latin1.GetString(input).Contains(Upgrade.Accept(Key), StringComparison.Ordinal), "an answer that is taken belongs to the key");
        Promise.Keep(terms is null || DeflateTerms.Read(terms.ToString(), new DeflateTerms(true, true)) == terms, "terms are read as themselves");
    }

    private sealed class Sink : IFrameSink
    {
        public List<string> Seen { get; } = [];

        public void Received()
        {
        }

        public void Ping(ReadOnlySpan<byte> payload) => Seen.Add("ping " + Convert.ToHexString(payload));

        public void Pong(ReadOnlySpan<byte> payload) => Seen.Add("pong " + Convert.ToHexString(payload));

        public void Close(WebSocketCloseCode code, string reason) => Seen.Add($"close {code} {reason}");
    }

    private sealed class Pieces(byte[] input, int size) : MemoryStream(input)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span[..Math.Min(size, buffer.Length)]));
    }
}
