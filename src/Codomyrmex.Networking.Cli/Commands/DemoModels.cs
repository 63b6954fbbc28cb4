using System.Globalization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Llm;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about models, against a service that misbehaves as it is told.</summary>
internal static class DemoModels
{
    private const string Chapter = "llm at work";

    public static DemoStep[] Steps() =>
    [
        new(Chapter, "stream an answer and put a call of a tool together", StreamAsync),
        new(Chapter, "ask again before the first token, keep the partial after it", BreakAsync),
        new(Chapter, "stop an answer that costs too much", StopAsync),
    ];

    private static async Task<string> StreamAsync(CancellationToken cancellationToken)
    {
        await using var service = ChatServer.Start().Reply(ChatReply.Text("It ", "rains.") with { ToolCalls = [new("forecast", """{"city":"Oslo"}""")], Pings = 1 });
        await using var client = new HTTPClient(HTTPProfiles.Llm);
        var answer = await Ask(client, service).ReadToEndAsync(cancellationToken);
        DemoFailure.Unless(answer is { Text: "It rains.", IsComplete: true, ToolCalls: [{ Name: "forecast", IsComplete: true }] }, $"it was '{answer.Text}'");
        return string.Create(CultureInfo.InvariantCulture, $"'{answer.Text}' and {answer.ToolCalls[0].Name}({answer.ToolCalls[0].Arguments}), {answer.Usage.TotalTokens} tokens");
    }

    private static async Task<string> BreakAsync(CancellationToken cancellationToken)
    {
        await using var service = ChatServer.Start()
            .Reply(ChatReply.Text("lost") with { Fault = ChatFault.ErrorEvent, FaultAfter = 1 })
            .Reply(ChatReply.Text("Hel", "lo") with { Fault = ChatFault.Cut, FaultAfter = 2 });
        await using var client = new HTTPClient(HTTPProfiles.Llm with { Retry = HTTPProfiles.Llm.Retry with { BaseDelay = TimeSpan.FromMilliseconds(1) } });
        var cut = await DemoFailure.CatchAsync<ModelStreamException>(Ask(client, service).ReadToEndAsync(cancellationToken), ErrorCodes.ModelInterrupted);
        DemoFailure.Unless(cut.Partial.Text == "Hel" && service.Requests.Count == 2, $"'{cut.Partial.Text}' after {service.Requests.Count} requests");
        return $"asked twice, then {cut.Code} with '{cut.Partial.Text}' kept";
    }

    private static async Task<string> StopAsync(CancellationToken cancellationToken)
    {
        await using var service = ChatServer.Start().Reply(ChatReply.Text([.. Enumerable.Repeat("word ", 1000)]));
        await using var client = new HTTPClient(HTTPProfiles.Llm);
        var budget = new ModelBudget(cost: 0.001m, prices: new ModelPrices { InputPerMillion = 3m, OutputPerMillion = 15m });
        var stopped = await DemoFailure.CatchAsync<ModelStreamException>(Ask(client, service, budget).ReadToEndAsync(cancellationToken), ErrorCodes.ModelBudgetCost);
        return $"{stopped.Code} after {stopped.Partial.Usage.OutputTokens} tokens: {budget}";
    }

    private static ModelStream Ask(HTTPClient client, ChatServer service, ModelBudget? budget = null)
    {
        var question = RequestBody.Text("""{"model":"test-model","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"What is the weather?"}]}""", "application/json");
        return new ModelStream(client, new Request("POST", $"{service.Url}v1/chat/completions") { Body = question }, new ModelStreamOptions { Format = ModelFormat.OpenAI, Budget = budget });
    }
}
