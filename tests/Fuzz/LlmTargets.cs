using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Llm.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What reads events of models: the type on the first line, the data behind it.</summary>
internal static class LlmTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("openai-event", static input => Read(input, OpenAIEvents.Read)) { Words = ["message\n", "{\"choices\":[{\"delta\":{\"content\":\"", "\"tool_calls\":[{\"index\":", "\"finish_reason\":\"stop\"", "\"usage\":{\"prompt_tokens\":", "\"error\":", "[DONE]", "\\ud800", "}]}"] },
        new("anthropic-event", static input => Read(input, AnthropicEvents.Read)) { Words = ["message_start\n", "content_block_delta\n", "message_delta\n", "error\n", "{\"index\":", "\"delta\":{\"type\":\"text_delta\",\"text\":\"", "\"input_json_delta\"", "\"usage\":{\"output_tokens\":", "\\udc00", "}}"] },
    ];

    private static void Read(byte[] input, Func<string, string, AnswerBuilder, ReportedError?> read)
    {
        var lines = Encoding.UTF8.GetString(input).Split('\n', 2);
        var answer = new AnswerBuilder();
        try
        {
            _ = read(lines[0], lines.ElementAtOrDefault(1) ?? "", answer);
        }
        catch (JsonException)
        {
            return;
        }
        var made = answer.Snapshot();
        Promise.Keep(answer.HasToken == (made.Text.Length + made.Reasoning.Length + made.Refusal.Length + made.ToolCalls.Count > 0), "what was said is in the answer");
        Promise.Keep(answer.Usage is not { } usage || usage is { InputTokens: >= 0, OutputTokens: >= 0 }, "a count is none below zero");
    }
}
