using System.Globalization;
using System.Text.Json;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Chat completions as OpenAI and those compatible with it put them: events without names, <c>[DONE]</c> at the end.</summary>
internal sealed class OpenAIShape : ChatShape
{
    public override byte[] Whole(ChatTurn turn) => LabRequest.Json(writer =>
    {
        Head(writer, turn, "chat.completion");
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        if (turn.Reply.ToolCalls.Count > 0 && turn.Text.Length == 0)
            writer.WriteNull("content");
        else
            writer.WriteString("content", turn.Text);
        writer.WriteNull("refusal");
        if (turn.Reply.ToolCalls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (var (index, call) in turn.Reply.ToolCalls.Index())
                Call(writer, turn, index, call.Name, call.Arguments, isDelta: false);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        writer.WriteString("finish_reason", Reason(turn));
        writer.WriteEndObject();
        writer.WriteEndArray();
        Usage(writer, turn);
    });

    public override IEnumerable<string> Events(ChatTurn turn)
    {
        yield return Delta(turn, writer =>
        {
            writer.WriteString("role", "assistant");
            writer.WriteString("content", "");
        });
        foreach (var part in turn.Reply.Parts)
            yield return Delta(turn, writer => writer.WriteString("content", part));
        foreach (var (index, call) in turn.Reply.ToolCalls.Index())
        {
            yield return CallDelta(turn, index, call.Name, "");
            foreach (var fragment in Fragments(call.Arguments))
                yield return CallDelta(turn, index, null, fragment);
        }
        yield return Delta(turn, static _ => { }, Reason(turn));
        if (turn.Request.WantsUsage)
        {
            yield return Event(null, writer =>
            {
                Head(writer, turn, "chat.completion.chunk");
                writer.WriteStartArray("choices");
                writer.WriteEndArray();
                Usage(writer, turn);
            });
        }
        yield return "data: [DONE]\n\n";
    }

    public override byte[] Error(int status, string message) => LabRequest.Json(writer => Error(writer, status, message));

    public override string ErrorEvent(string message, string? type) => Event(null, writer => Error(writer, 500, message, type));

    public override string Malformed => "data: {\"choices\": [\n\n";

    public override string Ping => ": ping\n\n";

    public override IEnumerable<KeyValuePair<string, string>> Fields(ChatTurn turn, ChatAllowance left)
    {
        var reset = string.Create(CultureInfo.InvariantCulture, $"{left.Reset.TotalSeconds:0.###}s");
        yield return new("x-request-id", $"req_{turn.Number}");
        yield return new("x-ratelimit-limit-requests", Text(left.RequestLimit));
        yield return new("x-ratelimit-remaining-requests", Text(left.Requests));
        yield return new("x-ratelimit-reset-requests", reset);
        yield return new("x-ratelimit-limit-tokens", Text(left.TokenLimit));
        yield return new("x-ratelimit-remaining-tokens", Text(left.Tokens));
        yield return new("x-ratelimit-reset-tokens", reset);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Reason(ChatTurn turn) => turn.Reply.FinishReason ?? (turn.Reply.ToolCalls.Count > 0 ? "tool_calls" : "stop");

    private static void Head(Utf8JsonWriter writer, ChatTurn turn, string kind)
    {
        writer.WriteString("id", $"chatcmpl-{turn.Number}");
        writer.WriteString("object", kind);
        writer.WriteNumber("created", turn.At.ToUnixTimeSeconds());
        writer.WriteString("model", turn.Request.Model);
    }

    private static string Delta(ChatTurn turn, Action<Utf8JsonWriter> write, string? reason = null) => Event(null, writer =>
    {
        Head(writer, turn, "chat.completion.chunk");
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("delta");
        write(writer);
        writer.WriteEndObject();
        writer.WriteString("finish_reason", reason);
        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    private static string CallDelta(ChatTurn turn, int index, string? name, string arguments) => Delta(turn, writer =>
    {
        writer.WriteStartArray("tool_calls");
        Call(writer, turn, index, name, arguments, isDelta: true);
        writer.WriteEndArray();
    });

    private static void Call(Utf8JsonWriter writer, ChatTurn turn, int index, string? name, string arguments, bool isDelta)
    {
        writer.WriteStartObject();
        if (isDelta)
            writer.WriteNumber("index", index);
        if (name is not null)
        {
            writer.WriteString("id", $"call_{turn.Number}_{index}");
            writer.WriteString("type", "function");
        }
        writer.WriteStartObject("function");
        if (name is not null)
            writer.WriteString("name", name);
        writer.WriteString("arguments", arguments);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Usage(Utf8JsonWriter writer, ChatTurn turn)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", turn.InputTokens);
        writer.WriteNumber("completion_tokens", turn.OutputTokens);
        writer.WriteNumber("total_tokens", turn.InputTokens + turn.OutputTokens);
        writer.WriteEndObject();
    }

    private static void Error(Utf8JsonWriter writer, int status, string message, string? type = null)
    {
        writer.WriteStartObject("error");
        writer.WriteString("message", message);
        writer.WriteString("type", type ?? (status == 429 ? "rate_limit_exceeded" : status >= 500 ? "server_error" : "invalid_request_error"));
        writer.WriteNull("param");
        writer.WriteNull("code");
        writer.WriteEndObject();
    }
}
