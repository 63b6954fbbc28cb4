using System.IO.Compression;
using System.IO.Pipelines;
using Codomyrmex.Networking.WebSockets;
using Codomyrmex.Networking.WebSockets.Internal;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>The receiving half alone: what a hostile server can make it keep.</summary>
public class FrameReaderTests
{
    private const int Limit = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Small_messages_that_inflate_to_large_ones_do_not_outgrow_the_queue()
    {
        using var deflated = new MemoryStream();
        await using var deflate = new DeflateStream(deflated, CompressionLevel.SmallestSize);
        deflate.Write(new byte[Limit]);
        deflate.Flush();
        var payload = deflated.ToArray()[..^4];
        byte[] frame = [0xC2, 126, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];
        var wire = Enumerable.Repeat(frame, 50).SelectMany(static bytes => bytes).ToArray();
        var (kept, _) = await KeptAsync(wire, new Inflater());
        Assert.InRange(kept, Limit, 3 * Limit);
    }

    [Fact]
    public async Task Pings_between_messages_count_for_the_memory_that_they_lie_in()
    {
        var pings = Enumerable.Repeat((byte[])[0x8A, 125, .. new byte[125]], 500).SelectMany(static bytes => bytes);
        byte[] round = [0x81, 1, (byte)'x', .. pings];
        var wire = Enumerable.Repeat(round, 100).SelectMany(static bytes => bytes).ToArray();
        var (_, messages) = await KeptAsync(wire, null);
        Assert.InRange(messages, Limit / 1024 / 128, Limit / 1024 / 16);
    }

    [Fact]
    public void What_follows_something_that_was_discarded_is_discarded_as_well()
    {
        var queue = new PieceQueue(100);
        var buffer = ReceiveBuffer.Rent(1024);
        queue.Add([new Piece(buffer, 0, 100, PieceMarks.Whole)]);
        queue.DiscardWhatDoesNotFit();
        queue.Add([new Piece(buffer, 100, 100, PieceMarks.First)]);
        Piece[] taken = [];
        Assert.Equal(1, queue.TakeAll(ref taken));
        queue.Add([new Piece(buffer, 200, 100, PieceMarks.Last)]);
        Assert.Equal(0, queue.TakeAll(ref taken));
    }

    public static TheoryData<string> Beginnings => ["small", "large", "compressed"];

    [Theory, MemberData(nameof(Beginnings))]
    public async Task A_part_that_has_come_before_a_receiver_asks_for_parts_is_handed_on_without_more_from_the_peer(string kind)
    {
        var (header, payload, rest) = Beginning(kind);
        var queue = new PieceQueue(long.MaxValue);
        var pipe = new Pipe();
        using var reader = new FrameReader(pipe.Reader.AsStream(), [.. header, .. payload], queue, new Nobody(), WebSocketLimits.Default, kind == "compressed" ? new Inflater() : null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        // It reads up to the pipe before the call returns.
        var reading = reader.RunAsync(stop.Token);
        Piece[] pieces = [];
        Assert.Equal(0, queue.TakeAll(ref pieces));
        queue.WantsParts = true;
        Assert.True(await queue.WaitAsync(Cancel));
        var count = queue.TakeAll(ref pieces);
        Assert.Equal(kind == "compressed" ? 1000 : payload.Length, pieces.Take(count).Sum(static piece => piece.Length));

        await pipe.Writer.WriteAsync(rest, Cancel);
        var more = 0;
        for (var isLast = false; !isLast;)
        {
            Assert.True(await queue.WaitAsync(Cancel));
            count = queue.TakeAll(ref pieces);
            more += pieces.Take(count).Sum(static piece => piece.Length);
            isLast = pieces.Take(count).Any(static piece => piece.Is(PieceMarks.Last));
        }
        Assert.Equal(kind == "compressed" ? 0 : rest.Length, more);
        stop.Cancel();
        await Record.ExceptionAsync(() => reading);
    }

    private static (byte[] Header, byte[] Payload, byte[] More) Beginning(string kind)
    {
        switch (kind)
        {
            case "small":
                return ([0x82, 100], new byte[60], new byte[40]);
            case "large":
                return ([0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 0], new byte[20_000], new byte[0x100000 - 20_000]);
            default:
                using (var deflated = new MemoryStream())
                {
                    using var deflate = new DeflateStream(deflated, CompressionLevel.SmallestSize);
                    deflate.Write(new byte[1000]);
                    deflate.Flush();
                    // A first fragment that is whole, and a last one that is empty.
                    var payload = deflated.ToArray()[..^4];
                    return ([0x42, (byte)payload.Length], payload, [0x80, 0]);
                }
        }
    }

    /// <summary>Reads until the reader is held up; nobody receives.</summary>
    /// <returns>Bytes and messages that are kept.</returns>
    private static async Task<(long Bytes, int Messages)> KeptAsync(byte[] wire, Inflater? inflater)
    {
        var queue = new PieceQueue(Limit);
        using var reader = new FrameReader(new MemoryStream(wire), [], queue, new Nobody(), WebSocketLimits.Default, inflater);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reading = reader.RunAsync(stop.Token);
        Assert.True(reader.IsHeldUp);
        Piece[] pieces = [];
        var count = queue.TakeAll(ref pieces);
        stop.Cancel();
        await Record.ExceptionAsync(() => reading);
        return (pieces.Take(count).Sum(static piece => (long)piece.Length), pieces.Take(count).Count(static piece => piece.Is(PieceMarks.Last)));
    }

    private sealed class Nobody : IFrameSink
    {
        public void Received()
        {
        }

        public void Ping(ReadOnlySpan<byte> payload)
        {
        }

        public void Pong(ReadOnlySpan<byte> payload)
        {
        }

        public void Close(WebSocketCloseCode code, string reason)
        {
        }
    }
}
