using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Llm;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Samples;

/// <summary>Answers of models, typed: pieces as they come, calls of tools put together, a partial that is not lost, budgets.</summary>
public static class Answers
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        await using var service = ChatServer.Start(new ChatServerOptions { ApiKey = "k3y" });
        service.Reply(ChatReply.Text("It ", "rains.") with { ToolCalls = [new("forecast", """{"city":"Oslo"}""")], Pings = 1 })
            .Reply(ChatReply.Text("never ", "whole") with { Fault = ChatFault.Cut, FaultAfter = 2 })
            .Reply(ChatReply.Text([.. Enumerable.Repeat("word ", 500)]));
        var (url, key) = (service.Url.ToString(), "k3y");
        // sample: stream
        await using var client = new HTTPClient(HTTPProfiles.Llm with
        {
            BaseUrl = url,
            Credential = Credential.Bearer(key),
            HostLimits = new HostLimitOptions { Concurrency = 8 }, // and what the service says about requests and tokens
        });
        var json = """{"model":"test-model","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Rain?"}]}""";
        var question = new Request("POST", "v1/chat/completions") { Body = RequestBody.Text(json, "application/json") };
        var options = new ModelStreamOptions { Format = ModelFormat.OpenAI };
        var stream = new ModelStream(client, question, options);
        await foreach (var delta in stream.WithCancellation(ct))
            await output.WriteAsync(delta.Text);
        foreach (var call in stream.Answer.ToolCalls)
            await output.WriteLineAsync($" It wants {call.Name}({call.Arguments}), after {stream.Answer.Usage.TotalTokens} tokens.");
        // end

        // sample: partial
        try
        {
            await new ModelStream(client, question, options).ReadToEndAsync(ct);
        }
        catch (ModelStreamException cut)
        {
            await output.WriteLineAsync($"{cut.Code}: kept '{cut.Partial.Text}'; {(cut.IsTransient ? "ask for the rest, or again" : "give up")}");
        }
        // end

        // sample: budget
        var prices = new ModelPrices { InputPerMillion = 3m, OutputPerMillion = 15m };
        var budget = new ModelBudget(tokens: 100_000, cost: 0.0015m, prices);
        var limited = new ModelStream(client, question, options with { Budget = budget });
        try
        {
            await limited.ReadToEndAsync(ct);
        }
        catch (ModelStreamException stopped) when (stopped.Code == ErrorCodes.ModelBudgetCost)
        {
            await output.WriteLineAsync($"stopped: {budget}");
        }
        // end
    }
}
