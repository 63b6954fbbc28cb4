using System.Net.ServerSentEvents;
using System.Text.Json;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Benchmarks.Streams;

/// <summary>What is measured: ours through the public API, from a response to the last item; the platform's readers over the same stream of bytes.</summary>
internal static class StreamScenarios
{
    // What one read of a connection brings: a full buffer, or a segment.
    private const int Large = 16 * 1024;
    private const int Segment = 1448;

    public static IReadOnlyList<StreamScenario> All { get; } =
    [
        Events("events, a chat, 16 KiB a read", StreamBodies.Chat, Large),
        Events("events, a chat, 1448 B a read", StreamBodies.Chat, Segment),
        Events("events, typed, 16 KiB a read", StreamBodies.Typed, Large),
        Events("events, id, type, CR LF, 16 KiB a read", StreamBodies.Full, Large),
        Events("events, three lines and a ping, 16 KiB a read", StreamBodies.Lines, Large),
        Events("events, the least, 16 KiB a read", StreamBodies.Small, Large),
        new("lines, 16 KiB a read",
        [
            Own("ReadLinesAsync", StreamBodies.Rows, Large, response => SumAsync(response.ReadLinesAsync(), static line => line.Length, default(byte))),
            new("StreamReader", () => LinesAsync(StreamBodies.Rows, Large)),
        ]),
        new("NDJSON, 16 KiB a read",
        [
            Own("ReadNdjsonAsync", StreamBodies.Rows, Large, response => SumAsync(response.ReadNdjsonAsync(StreamRowJson.Default.StreamRow), static row => row!.Id, default(byte))),
            new("DeserializeAsyncEnumerable", () => SumAsync(
                JsonSerializer.DeserializeAsyncEnumerable(new ReplayStream(StreamBodies.Rows, Large), StreamRowJson.Default.StreamRow, topLevelValues: true), static row => row!.Id, default(int))),
            new("StreamReader + Deserialize", () => RowsAsync(StreamBodies.Rows, Large)),
        ]),
        new("JSON array, 16 KiB a read",
        [
            Own("ReadJsonArrayAsync", StreamBodies.Array, Large, response => SumAsync(response.ReadJsonArrayAsync(StreamRowJson.Default.StreamRow), static row => row!.Id, default(short))),
            new("DeserializeAsyncEnumerable", () => SumAsync(
                JsonSerializer.DeserializeAsyncEnumerable(new ReplayStream(StreamBodies.Array, Large), StreamRowJson.Default.StreamRow), static row => row!.Id, default(long))),
        ]),
    ];

    private static StreamScenario Events(string title, byte[] body, int piece) => new(title,
    [
        Own("ReadEventsAsync", body, piece, response => SumAsync(response.ReadEventsAsync(), static item => item.Data.Length, default(byte))),
        OwnSession("EventsAsync", body, piece),
        new("SseParser", () => SumAsync(SseParser.Create(new ReplayStream(body, piece)).EnumerateAsync(), static item => item.Data.Length, default(int))),
    ]);

    private static StreamPeer Own(string name, byte[] body, int piece, Func<Response, Task<(long, long)>> read)
    {
        var client = new HTTPClient(new HTTPClientOptions { MessageHandler = new ReplayHandler(body, piece, "text/plain") });
        return new StreamPeer($"{StreamPeer.Own}, {name}", async () =>
        {
            using var response = await client.StreamAsync("http://127.0.0.1/");
            return await read(response);
        });
    }

    private static StreamPeer OwnSession(string name, byte[] body, int piece)
    {
        var client = new HTTPClient(new HTTPClientOptions { MessageHandler = new ReplayHandler(body, piece, "text/event-stream") });
        var request = new Request("GET", "http://127.0.0.1/");
        return new StreamPeer($"{StreamPeer.Own}, {name}", () => SumAsync(client.EventsAsync(request), static item => item.Data.Length, default(short)));
    }

    // Compiled for each reader by itself (TReader), so that none profits from what the runtime has learnt of another.
    private static async Task<(long, long)> SumAsync<T, TReader>(IAsyncEnumerable<T> items, Func<T, long> size, TReader reader) where TReader : struct
    {
        long count = 0, sum = 0;
        await foreach (var item in items)
        {
            count++;
            sum += size(item);
        }
        return (count, sum);
    }

    private static async Task<(long, long)> LinesAsync(byte[] body, int piece)
    {
        using var reader = new StreamReader(new ReplayStream(body, piece), bufferSize: Large);
        long count = 0, sum = 0;
        while (await reader.ReadLineAsync() is { } line)
        {
            count++;
            sum += line.Length;
        }
        return (count, sum);
    }

    private static async Task<(long, long)> RowsAsync(byte[] body, int piece)
    {
        using var reader = new StreamReader(new ReplayStream(body, piece), bufferSize: Large);
        long count = 0, sum = 0;
        while (await reader.ReadLineAsync() is { } line)
        {
            count++;
            sum += JsonSerializer.Deserialize(line, StreamRowJson.Default.StreamRow)!.Id;
        }
        return (count, sum);
    }
}
