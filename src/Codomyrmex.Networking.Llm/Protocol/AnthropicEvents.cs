using System.Text.Json;

namespace Codomyrmex.Networking.Llm.Protocol;

/// <summary>Reads events of messages. Types that are not known are passed over: the service may add some.</summary>
internal static class AnthropicEvents
{
    public const string End = "message_stop";

    /// <inheritdoc cref="OpenAIEvents.Read"/>
    public static ReportedError? Read(string type, string data, AnswerBuilder answer) =>
        type is "ping" or End ? null : EventJson.Read(data, answer, (body, into) => ReadBody(type, body, into));

    private static ReportedError? ReadBody(string type, JsonElement body, AnswerBuilder answer)
    {
        switch (type)
        {
            case "error":
                return EventJson.Error(body.Object("error") ?? body);
            case "message_start" when body.Object("message") is { } message:
                answer.Head(message.Text("id"), message.Text("model"));
                Count(message.Object("usage"), answer, isFinal: false);
                break;
            case "content_block_start" when body.Object("content_block") is { } block:
                StartBlock(body.Number("index") ?? 0, block, answer);
                break;
            case "content_block_delta" when body.Object("delta") is { } delta:
                ReadDelta(body.Number("index") ?? 0, delta, answer);
                break;
            case "content_block_stop":
                answer.EndToolCall(body.Number("index") ?? 0);
                break;
            case "message_delta":
                if (body.Object("delta")?.Text("stop_reason") is { } reason)
                    answer.Finish(ReasonOf(reason), reason);
                Count(body.Object("usage"), answer, isFinal: answer.FinishReason is not null);
                break;
        }
        return null;
    }

    private static void StartBlock(long index, JsonElement block, AnswerBuilder answer)
    {
        if (block.Text("type") is "tool_use")
            answer.ToolCall(index, block.Text("id"), block.Text("name"), null);
        else
            answer.Text(block.Text("text"));
    }

    private static void ReadDelta(long index, JsonElement delta, AnswerBuilder answer)
    {
        switch (delta.Text("type"))
        {
            case "text_delta":
                answer.Text(delta.Text("text"));
                break;
            case "thinking_delta":
                answer.Reasoning(delta.Text("thinking"));
                break;
            case "input_json_delta":
                answer.ToolCall(index, null, null, delta.Text("partial_json"));
                break;
        }
    }

    // What comes from the cache, or goes into it, is counted beside the rest of the input.
    private static void Count(JsonElement? usage, AnswerBuilder answer, bool isFinal)
    {
        if (usage is not { } counts)
            return;
        var (fresh, read, written) = (counts.Number("input_tokens"), counts.Number("cache_read_input_tokens"), counts.Number("cache_creation_input_tokens"));
        answer.Count(fresh is null ? null : fresh + (read ?? 0) + (written ?? 0), counts.Number("output_tokens"), fresh is null ? null : read ?? 0, isFinal);
    }

    private static ModelFinishReason ReasonOf(string text) => text switch
    {
        "end_turn" or "stop_sequence" => ModelFinishReason.Stop,
        "max_tokens" or "model_context_window_exceeded" => ModelFinishReason.Length,
        "tool_use" => ModelFinishReason.ToolCalls,
        "refusal" => ModelFinishReason.Refusal,
        _ => ModelFinishReason.Other,
    };
}
