using System.Text.Json;

namespace Codomyrmex.Networking.Llm.Protocol;

/// <summary>Reads chunks of chat completions. Of several choices the first is read.</summary>
internal static class OpenAIEvents
{
    public const string End = "[DONE]";

    /// <summary>Adds what an event says to an answer.</summary>
    /// <returns>The error that it reports; null where it reports none.</returns>
    /// <exception cref="FormatException">It is no such event.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static ReportedError? Read(string type, string data, AnswerBuilder answer) =>
        data == End ? null : EventJson.Read(data, answer, (chunk, into) => ReadChunk(type, chunk, into));

    private static ReportedError? ReadChunk(string type, JsonElement chunk, AnswerBuilder answer)
    {
        if (chunk.Object("error") is { } error)
            return EventJson.Error(error);
        if (chunk.Text("error") is { } sentence)
            return new ReportedError("", sentence);
        if (type == "error")
            return EventJson.Error(chunk);
        answer.Head(chunk.Text("id"), chunk.Text("model"));
        if (chunk.Array("choices") is { } choices)
        {
            foreach (var choice in choices.EnumerateArray())
            {
                if ((choice.Number("index") ?? 0) == 0)
                    ReadChoice(choice, answer);
            }
        }
        if (chunk.Object("usage") is { } usage)
            answer.Count(usage.Number("prompt_tokens"), usage.Number("completion_tokens"), usage.Object("prompt_tokens_details")?.Number("cached_tokens"), isFinal: answer.FinishReason is not null);
        return null;
    }

    private static void ReadChoice(JsonElement choice, AnswerBuilder answer)
    {
        if (choice.Object("delta") is { } delta)
        {
            answer.Reasoning(delta.Text("reasoning_content") ?? delta.Text("reasoning"));
            answer.Text(delta.Text("content"));
            answer.Refusal(delta.Text("refusal"));
            if (delta.Array("tool_calls") is { } calls)
            {
                foreach (var (place, call) in calls.EnumerateArray().Index())
                    ReadCall(call, place, answer);
            }
        }
        if (choice.Text("finish_reason") is { } reason)
            answer.Finish(ReasonOf(reason), reason);
    }

    // Some services leave the index out where there is one call.
    private static void ReadCall(JsonElement call, int place, AnswerBuilder answer)
    {
        var function = call.Object("function");
        answer.ToolCall(call.Number("index") ?? place, call.Text("id"), function?.Text("name"), function?.Text("arguments"));
    }

    private static ModelFinishReason ReasonOf(string text) => text switch
    {
        "stop" => ModelFinishReason.Stop,
        "length" => ModelFinishReason.Length,
        "tool_calls" or "function_call" => ModelFinishReason.ToolCalls,
        "content_filter" => ModelFinishReason.Refusal,
        _ => ModelFinishReason.Other,
    };
}
