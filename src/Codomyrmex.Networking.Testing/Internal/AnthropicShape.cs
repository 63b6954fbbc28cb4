using System.Globalization;
using System.Text.Json;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Messages as Anthropic puts them: events with names, from <c>message_start</c> to <c>message_stop</c>.</summary>
internal sealed class AnthropicShape : ChatShape
{
    public override byte[] Whole(ChatTurn turn) => LabRequest.Json(writer => Message(writer, turn, isWhole: true));

    public override IEnumerable<string> Events(ChatTurn turn)
    {
        yield return Named("message_start", writer =>
        {
            writer.WriteStartObject("message");
            Message(writer, turn, isWhole: false);
            writer.WriteEndObject();
        });
        yield return Named("ping", static _ => { });
        var index = 0;
        if (turn.Reply.Parts.Count > 0)
        {
            yield return Block("content_block_start", index, "content_block", static writer =>
            {
                writer.WriteString("type", "text");
                writer.WriteString("text", "");
            });
            foreach (var part in turn.Reply.Parts)
            {
                yield return Block("content_block_delta", index, "delta", writer =>
                {
                    writer.WriteString("type", "text_delta");
                    writer.WriteString("text", part);
                });
            }
            yield return Named("content_block_stop", writer => writer.WriteNumber("index", 0));
            index++;
        }
        foreach (var call in turn.Reply.ToolCalls)
        {
            var at = index++;
            yield return Block("content_block_start", at, "content_block", writer =>
            {
                Tool(writer, turn, at, call.Name);
                writer.WriteStartObject("input");
                writer.WriteEndObject();
            });
            foreach (var fragment in Fragments(call.Arguments))
            {
                yield return Block("content_block_delta", at, "delta", writer =>
                {
                    writer.WriteString("type", "input_json_delta");
                    writer.WriteString("partial_json", fragment);
                });
            }
            yield return Named("content_block_stop", writer => writer.WriteNumber("index", at));
        }
        yield return Named("message_delta", writer =>
        {
            writer.WriteStartObject("delta");
            writer.WriteString("stop_reason", Reason(turn));
            writer.WriteNull("stop_sequence");
            writer.WriteEndObject();
            writer.WriteStartObject("usage");
            writer.WriteNumber("output_tokens", turn.OutputTokens);
            writer.WriteEndObject();
        });
        yield return Named("message_stop", static _ => { });
    }

    public override byte[] Error(int status, string message) => LabRequest.Json(writer => Error(writer, status, message));

    public override string ErrorEvent(string message, string? type) => Event("error", writer => Error(writer, 529, message, type));

    public override string Malformed => "event: content_block_delta\ndata: {\"index\": [\n\n";

    public override string Ping => Named("ping", static _ => { });

    public override IEnumerable<KeyValuePair<string, string>> Fields(ChatTurn turn, ChatAllowance left)
    {
        var reset = (turn.At + left.Reset).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        yield return new("request-id", $"req_{turn.Number}");
        yield return new("anthropic-ratelimit-requests-limit", Text(left.RequestLimit));
        yield return new("anthropic-ratelimit-requests-remaining", Text(left.Requests));
        yield return new("anthropic-ratelimit-requests-reset", reset);
        yield return new("anthropic-ratelimit-tokens-limit", Text(left.TokenLimit));
        yield return new("anthropic-ratelimit-tokens-remaining", Text(left.Tokens));
        yield return new("anthropic-ratelimit-tokens-reset", reset);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Reason(ChatTurn turn) => turn.Reply.FinishReason ?? (turn.Reply.ToolCalls.Count > 0 ? "tool_use" : "end_turn");

    // The type within the data repeats the event's name.
    private static string Named(string name, Action<Utf8JsonWriter> write) => Event(name, writer =>
    {
        writer.WriteString("type", name);
        write(writer);
    });

    private static string Block(string name, int index, string part, Action<Utf8JsonWriter> write) => Named(name, writer =>
    {
        writer.WriteNumber("index", index);
        writer.WriteStartObject(part);
        write(writer);
        writer.WriteEndObject();
    });

    private static void Message(Utf8JsonWriter writer, ChatTurn turn, bool isWhole)
    {
        writer.WriteString("id", $"msg_{turn.Number}");
        writer.WriteString("type", "message");
        writer.WriteString("role", "assistant");
        writer.WriteString("model", turn.Request.Model);
        writer.WriteStartArray("content");
        if (isWhole)
            Content(writer, turn);
        writer.WriteEndArray();
        writer.WriteString("stop_reason", isWhole ? Reason(turn) : null);
        writer.WriteNull("stop_sequence");
        writer.WriteStartObject("usage");
        writer.WriteNumber("input_tokens", turn.InputTokens);
        writer.WriteNumber("output_tokens", isWhole ? turn.OutputTokens : 1);
        writer.WriteEndObject();
    }

    private static void Content(Utf8JsonWriter writer, ChatTurn turn)
    {
        var index = 0;
        if (turn.Reply.Parts.Count > 0)
        {
            index++;
            writer.WriteStartObject();
            writer.WriteString("type", "text");
            writer.WriteString("text", turn.Text);
            writer.WriteEndObject();
        }
        foreach (var call in turn.Reply.ToolCalls)
        {
            writer.WriteStartObject();
            Tool(writer, turn, index++, call.Name);
            writer.WritePropertyName("input");
            writer.WriteRawValue(call.Arguments);
            writer.WriteEndObject();
        }
    }

    private static void Tool(Utf8JsonWriter writer, ChatTurn turn, int index, string name)
    {
        writer.WriteString("type", "tool_use");
        writer.WriteString("id", $"toolu_{turn.Number}_{index}");
        writer.WriteString("name", name);
    }

    private static void Error(Utf8JsonWriter writer, int status, string message, string? type = null)
    {
        writer.WriteString("type", "error");
        writer.WriteStartObject("error");
        writer.WriteString("type", type ?? status switch
        {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            529 => "overloaded_error",
            >= 500 => "api_error",
            _ => "invalid_request_error",
        });
        writer.WriteString("message", message);
        writer.WriteEndObject();
    }
}
