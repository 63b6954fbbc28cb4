using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Readers of streams: what comes out is the same wherever the bytes were cut, and never larger than allowed.</summary>
internal static class StreamTargets
{
    private const int LineLimit = 64;
    private const int EventLimit = 96;
    private static readonly Endpoint Peer = new("peer.test", 80);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("event-stream", ReadEvents)
        {
            Words = ["data:", "data: ", "event:", "id:", "retry:", ":", " ", "\n", "\r", "\r\n", "\n\n", "\0", "\uFEFF", "99999999999", "[DONE]"],
        },
        new("ndjson", input => Read(input, () => new LineSplitter(LineLimit, Peer))) { Words = ["{", "}", "\n", "\r\n", "\r", "\"a\":1", "null", "\uFEFF", " "] },
        new("json-array", input => Read(input, () => new JsonArraySplitter(LineLimit, Peer)))
        {
            Words = ["[", "]", "{", "}", ",", "\"", "\\", "\\\"", "\\u00e9", ":", "null", "1.5e3", " ", "\uFEFF"],
        },
    ];

    private static void ReadEvents(byte[] input)
    {
        var (events, lastId, error) = Events(input, input.Length + 1);
        Promise.Keep(events.All(item => Encoding.UTF8.GetByteCount(item.Data) <= 3 * EventLimit), "an event's data is bounded");
        Promise.Keep(events.All(item => item.Type.Length > 0 && !item.Type.AsSpan().ContainsAny('\r', '\n')), "a type is one line");
        Promise.Keep(lastId is null || !lastId.AsSpan().ContainsAny("\r\n\0"), "an identifier is one line without NUL");
        foreach (var size in Sizes(input))
        {
            var cut = Events(input, size);
            Promise.Keep(events.SequenceEqual(cut.Events) && lastId == cut.LastId && error == cut.Error, "cuts change no event");
        }
    }

    private static (List<(string Type, string Data, string? Id, TimeSpan? Retry)> Events, string? LastId, string? Error) Events(byte[] input, int size)
    {
        using var parser = new EventParser(LineLimit, EventLimit, Peer);
        var events = new List<(string Type, string Data, string? Id, TimeSpan? Retry)>();
        try
        {
            foreach (var piece in input.Chunk(size))
            {
                ReadOnlySpan<byte> rest = piece;
                while (parser.TryRead(ref rest))
                    events.Add(new(parser.Type, parser.Data, parser.Id, parser.Retry));
            }
            return (events, parser.LastEventId, null);
        }
        catch (HTTPException error)
        {
            return (events, parser.LastEventId, error.Message);
        }
    }

    private static void Read(byte[] input, Func<ISplitter> make)
    {
        var (pieces, error) = Pieces(input, input.Length + 1, make);
        Promise.Keep(pieces.All(piece => piece.Length <= LineLimit), "a piece is bounded");
        foreach (var size in Sizes(input))
        {
            var cut = Pieces(input, size, make);
            Promise.Keep(cut.Error == error && pieces.Zip(cut.Pieces, (one, other) => one.AsSpan().SequenceEqual(other)).All(same => same) && pieces.Count == cut.Pieces.Count, "cuts change no piece");
        }
        foreach (var piece in pieces)
        {
            try
            {
                using var document = JsonDocument.Parse(piece);
            }
            catch (JsonException)
            {
            }
        }
    }

    private static (List<byte[]> Pieces, string? Error) Pieces(byte[] input, int size, Func<ISplitter> make)
    {
        using var splitter = make();
        var pieces = new List<byte[]>();
        try
        {
            foreach (var chunk in input.Chunk(size))
            {
                ReadOnlySpan<byte> rest = chunk;
                while (splitter.TryRead(ref rest, out var piece))
                    pieces.Add(piece.ToArray());
            }
            while (splitter.TryReadRest(out var last))
                pieces.Add(last.ToArray());
            return (pieces, null);
        }
        catch (HTTPException error)
        {
            return (pieces, error.Code);
        }
    }

    /// <summary>Sizes to cut by: one byte, and one that the input picks.</summary>
    private static int[] Sizes(byte[] input) => input.Length == 0 ? [] : [1, 2 + (input[^1] % 9)];
}
