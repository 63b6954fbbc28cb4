using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Samples;

/// <summary>A model's API that answers as it is told, and how its stream is recorded and played back.</summary>
public static class Models
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: model
        await using var model = ChatServer.Start();
        model.Reply(ChatReply.Fail(429, retryAfter: TimeSpan.FromMilliseconds(20)))
            .Reply(ChatReply.Text("never ", "whole") with { Fault = ChatFault.Cut, FaultAfter = 2 })
            .Reply(ChatReply.Text("Hel", "lo") with { ToolCalls = [new("weather", """{"city":"Oslo"}""")] });

        await using var client = new HTTPClient(HTTPProfiles.Llm with { BaseUrl = model.Url.ToString() });
        using var answer = await AskAsync(client, ct);
        foreach (var attempt in answer.Attempts)
            await output.WriteLineAsync($"{attempt.Code ?? attempt.Status.ToString()} after {attempt.Elapsed.TotalMilliseconds:0} ms");
        await output.WriteLineAsync($"{answer.Headers["x-ratelimit-remaining-requests"]} requests left");
        // end

        // sample: cassette
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using (var recording = Cassette.Record(path, client.ToMessageHandler()))
        await using (var recorded = new HTTPClient(client.Options with { MessageHandler = recording }))
            (await AskAsync(recorded, ct)).Dispose();

        using var playing = Cassette.Replay(path, new CassetteOptions { ResetAfter = 300 });
        await using var offline = new HTTPClient(client.Options with { MessageHandler = playing });
        try
        {
            await AskAsync(offline, ct);
        }
        catch (ConnectionException error)
        {
            await output.WriteLineAsync($"played back with a fault that it never had: {error.Code}");
        }
        // end
        File.Delete(path);
    }

    private static async Task<Response> AskAsync(HTTPClient client, CancellationToken ct)
    {
        var question = RequestBody.Text("""{"model":"test-model","stream":true,"messages":[{"role":"user","content":"hello"}]}""", "application/json");
        return await client.PostAsync("v1/chat/completions", question, cancellationToken: ct);
    }
}
