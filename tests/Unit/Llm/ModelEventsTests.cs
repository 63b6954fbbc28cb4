using System.Text.Json;
using Codomyrmex.Networking.Llm;
using Codomyrmex.Networking.Llm.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Llm;

/// <summary>The readers of events, with what services other than the test server send.</summary>
public class ModelEventsTests
{
    [Fact]
    public void OpenAI_chunks_of_compatible_services_are_read()
    {
        var answer = new AnswerBuilder();
        foreach (var data in new[]
        {
            """{"id":"a","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"hm"}}],"usage":null}""",
            """{"choices":[{"index":1,"delta":{"content":"another choice"}},{"delta":{"content":"Hi"},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"refusal":"no"},"finish_reason":"content_filter"}]}""",
            """{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":5}}}""",
            "[DONE]",
        })
            Assert.Null(OpenAIEvents.Read("message", data, answer));
        var made = answer.Snapshot();
        Assert.Equal(("a", "m", "Hi", "hm", "no", ModelFinishReason.Refusal), (made.Id, made.Model, made.Text, made.Reasoning, made.Refusal, made.FinishReason));
        Assert.Equal(new ModelToolCall(0, "c", "f", "{}", true), Assert.Single(made.ToolCalls));
        Assert.Equal((new ModelUsage(7, 2) { CachedInputTokens = 5 }, true), (answer.Usage, answer.IsUsageFinal));
    }

    [Fact]
    public void Anthropic_events_count_the_cache_into_the_input_and_pass_over_what_is_new()
    {
        var answer = new AnswerBuilder();
        foreach (var (type, data) in new[]
        {
            ("message_start", """{"message":{"id":"a","model":"m","usage":{"input_tokens":2,"cache_read_input_tokens":5,"cache_creation_input_tokens":1,"output_tokens":1}}}"""),
            ("content_block_start", """{"index":0,"content_block":{"type":"thinking","thinking":""}}"""),
            ("content_block_delta", """{"index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"""),
            ("content_block_delta", """{"index":0,"delta":{"type":"signature_delta","signature":"x"}}"""),
            ("something_new", """[1]""".Replace("[1]", "{}", StringComparison.Ordinal)),
            ("content_block_start", """{"index":1,"content_block":{"type":"text","text":"Hi"}}"""),
            ("message_delta", """{"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"""),
            ("message_stop", """{"type":"message_stop"}"""),
        })
            Assert.Null(AnthropicEvents.Read(type, data, answer));
        Assert.Equal((new ModelUsage(8, 9) { CachedInputTokens = 5 }, true), (answer.Usage, answer.IsUsageFinal));
        Assert.Equal(("Hi", "hm", ModelFinishReason.Stop), (answer.Snapshot().Text, answer.Snapshot().Reasoning, answer.FinishReason));
    }

    [Theory]
    [InlineData("""{"error":{"message":"m","code":502}}""", "502", true)]
    [InlineData("""{"error":{"message":"m","type":"insufficient_quota"}}""", "insufficient_quota", false)]
    [InlineData("""{"error":{"message":"m","type":"rate_limit_exceeded"}}""", "rate_limit_exceeded", true)]
    [InlineData("""{"error":"sorry"}""", "", false)]
    public void Reported_error_is_transient_where_the_service_is_at_fault(string data, string kind, bool isTransient)
    {
        var error = OpenAIEvents.Read("message", data, new AnswerBuilder());
        Assert.Equal((kind, isTransient), (error!.Kind, error.IsTransient));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"choices":[{"delta":{"content":"\ud800"}}]}""")]
    public void What_is_no_event_is_a_format_error(string data) => Assert.Throws<FormatException>(() => OpenAIEvents.Read("message", data, new AnswerBuilder()));

    [Fact]
    public void What_is_no_json_is_a_json_error() => Assert.ThrowsAny<JsonException>(() => AnthropicEvents.Read("message_start", "{", new AnswerBuilder()));

    [Fact]
    public void Calls_without_an_end_are_bounded()
    {
        var answer = new AnswerBuilder();
        Assert.Throws<FormatException>(() =>
        {
            for (var i = 0; i < 2000; i++)
                answer.ToolCall(i, "a", "b", "");
        });
    }
}
