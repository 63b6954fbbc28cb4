using System.Text.Json.Serialization;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Samples;

/// <summary>A model's answer, used as it arrives: patience for the first byte, little for a stall, and an end that was promised.</summary>
public static partial class Llm
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: chat
        await using var client = HTTPClient.Create();
        var question = new Request("POST", $"{server}sse/3?end=[DONE]")
        {
            Body = RequestBody.Json(new Question("Why is the sky blue?", Stream: true), ChatJson.Default.Question),
            Options = new RequestOptions
            {
                Timeouts = new Timeouts { FirstByte = TimeSpan.FromMinutes(5), Idle = TimeSpan.FromSeconds(20), Total = TimeSpan.FromMinutes(30) },
            },
        };

        var pieces = new List<Piece>();
        try
        {
            var contract = new EventStreamOptions { Until = TerminalEvent.Data("[DONE]") };
            await foreach (var item in client.EventsAsync(question, contract, ct))
            {
                if (item.Type == "error")
                    await output.WriteLineAsync($"the model reports {item.Data}");
                else if (item.Data != "[DONE]")
                    pieces.Add(item.Json(ChatJson.Default.Piece)!);
            }
            await output.WriteLineAsync($"whole: {pieces.Count} pieces");
        }
        catch (StreamTruncatedException cut)
        {
            await output.WriteLineAsync($"cut off after {cut.Items} events, the last id {cut.LastEventId}: {pieces.Count} pieces to keep, or ask again");
        }
        // end

        // sample: ndjson
        await using var response = await client.StreamAsync($"{server}stream/3", cancellationToken: ct);
        await response.EnsureSuccessAsync(ct);
        await foreach (var row in response.ReadNdjsonAsync(ChatJson.Default.Piece, cancellationToken: ct))
            await output.WriteLineAsync($"row {row!.Id}");
        // end
    }

    internal sealed record Question(string Prompt, bool Stream);

    internal sealed record Piece(int Id);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Question))]
    [JsonSerializable(typeof(Piece))]
    internal sealed partial class ChatJson : JsonSerializerContext;
}
