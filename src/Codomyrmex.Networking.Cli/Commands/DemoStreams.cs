using System.Security.Cryptography;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about bodies that are never held whole.</summary>
internal static class DemoStreams
{
    private const int UploadBytes = 4 * 1024 * 1024;

    public static DemoStep[] Steps(Lab lab) =>
    [
        new("Streams", "read lines as they arrive", ct => ReadLinesAsync(lab, ct)),
        new("Streams", "resume a stream of events that breaks", ct => ResumeEventsAsync(lab, ct)),
        new("Streams", "upload a stream", ct => UploadAsync(lab, ct)),
    ];

    private static async Task<string> ReadLinesAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient();
        using var response = (await client.StreamAsync($"{lab.Http.Url}stream/1000", null, cancellationToken)).EnsureSuccess();
        var count = 0;
        var last = "";
        await foreach (var line in response.ReadLinesAsync(cancellationToken))
            (count, last) = (count + 1, line);
        DemoFailure.Unless(count == 1000, $"{count} lines instead of 1000");
        return $"{count} lines, the last one {last}";
    }

    private static async Task<string> ResumeEventsAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient();
        var connections = 0;
        var options = new EventStreamOptions
        {
            Until = TerminalEvent.Data("[DONE]"),
            Resume = EventResume.LastEventId,
            ReconnectDelay = TimeSpan.FromMilliseconds(10),
            Opened = _ => connections++,
        };
        var events = new List<string>();
        await foreach (var item in client.EventsAsync(new Request("GET", $"{lab.Http.Url}sse/10?drop_after=4&end=%5BDONE%5D"), options, cancellationToken))
            events.Add(item.Data);
        DemoFailure.Unless(events.Distinct().Count() == 11 && events[^1] == "[DONE]", $"{events.Count} events, the last one {events[^1]}");
        return $"10 events and [DONE], each once, over {connections} connections";
    }

    private static async Task<string> UploadAsync(Lab lab, CancellationToken cancellationToken)
    {
        var bytes = RandomNumberGenerator.GetBytes(UploadBytes);
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await using var client = new HTTPClient();
        var body = RequestBody.Stream(_ => ValueTask.FromResult<Stream>(new MemoryStream(bytes)), bytes.Length);
        using var response = (await client.PutAsync($"{lab.Http.Url}upload", body, null, cancellationToken)).EnsureSuccess();
        DemoFailure.Unless(response.Json().GetProperty("sha256").GetString() == digest, "the server got other bytes");
        return $"{UploadBytes / 1024 / 1024} MiB, sha256 {digest[..16]}… on both sides";
    }
}
