using System.Text.Json;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Http;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public class ChatServerTests
{
    private const string OpenAI = "v1/chat/completions", Anthropic = "v1/messages";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly HTTPClientOptions Brief = RawAnswer.Options with { Timeouts = Timeouts.Default with { Idle = TimeSpan.FromMilliseconds(200) } };

    private static RequestBody Ask(string text, bool stream = false, string model = "test-model") => RequestBody.Text(
        $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"{{text}}"}]}""", "application/json");

    private static Task<Response> SendAsync(HTTPClient client, ChatServer server, string path, bool stream, string text = "one two three") =>
        stream ? client.StreamAsync(new Request("POST", server.Url + path) { Body = Ask(text, stream) }, Stop) : client.PostAsync(server.Url + path, Ask(text), cancellationToken: Stop);

    /// <summary>Names and data of a stream's events; the name is empty where there is none.</summary>
    private static async Task<List<(string Name, string Data)>> EventsAsync(Response response)
    {
        var events = new List<(string, string)>();
        var name = "";
        await foreach (var line in response.EnsureSuccess().ReadLinesAsync(Stop))
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                events.Add((name, line[6..]));
        }
        return events;
    }

    [Fact]
    public async Task OpenAI_answer_comes_whole_with_its_usage_and_its_limits()
    {
        await using var server = ChatServer.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await SendAsync(client, server, OpenAI, stream: false);
        var body = response.EnsureSuccess().Json();
        Assert.Equal("one two three", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(("stop", 6), (body.GetProperty("choices")[0].GetProperty("finish_reason").GetString(), body.GetProperty("usage").GetProperty("total_tokens").GetInt32()));
        Assert.Equal(("1000", "999", "99997"), (response.Headers["x-ratelimit-limit-requests"], response.Headers["x-ratelimit-remaining-requests"], response.Headers["x-ratelimit-remaining-tokens"]));
        Assert.Equal(("test-model", "one two three", false), (server.Requests[0].Model, server.Requests[0].Text, server.Requests[0].IsStreamed));
    }

    [Fact]
    public async Task OpenAI_stream_ends_with_DONE_and_brings_tools_in_fragments()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("Hel", "lo") with { ToolCalls = [new("weather", """{"city":"Oslo"}""")] });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await SendAsync(client, server, OpenAI, stream: true);
        var events = await EventsAsync(response);
        Assert.Equal(("text/event-stream", "[DONE]"), (response.ContentType, events[^1].Data));
        var deltas = events.SkipLast(2).Select(e => JsonDocument.Parse(e.Data).RootElement.GetProperty("choices")[0]).ToList();
        Assert.Equal("Hello", string.Concat(deltas.Select(delta => delta.GetProperty("delta").TryGetProperty("content", out var text) ? text.GetString() : "")));
        var arguments = deltas.Select(delta => delta.GetProperty("delta").TryGetProperty("tool_calls", out var calls) ? calls[0].GetProperty("function").GetProperty("arguments").GetString() : "");
        Assert.Equal("""{"city":"Oslo"}""", string.Concat(arguments));
        Assert.Equal("tool_calls", deltas[^1].GetProperty("finish_reason").GetString());
        Assert.Equal(3, JsonDocument.Parse(events[^2].Data).RootElement.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Anthropic_stream_has_its_events_from_message_start_to_message_stop()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("Hel", "lo") with { ToolCalls = [new("weather", """{"a":1}""")] });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await SendAsync(client, server, Anthropic, stream: true);
        var events = await EventsAsync(response);
        Assert.Equal(
            ["message_start", "ping", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"],
            events.Select(e => e.Name));
        Assert.All(events, e => Assert.Equal(e.Name, JsonDocument.Parse(e.Data).RootElement.GetProperty("type").GetString()));
        Assert.Contains("\"stop_reason\":\"tool_use\"", events[^2].Data);
        using var whole = await SendAsync(client, server, Anthropic, stream: false);
        Assert.Equal(("Hello", 1), (whole.Json().GetProperty("content")[0].GetProperty("text").GetString(), whole.Json().GetProperty("content")[1].GetProperty("input").GetProperty("a").GetInt32()));
        Assert.NotNull(whole.Headers["anthropic-ratelimit-tokens-remaining"]);
    }

    [Theory]
    [InlineData(OpenAI, ChatFault.Cut, ErrorCodes.TcpReset)]
    [InlineData(OpenAI, ChatFault.Stall, ErrorCodes.TimeoutIdle)]
    [InlineData(Anthropic, ChatFault.Cut, ErrorCodes.TcpReset)]
    [InlineData(Anthropic, ChatFault.Stall, ErrorCodes.TimeoutIdle)]
    public async Task Stream_that_goes_wrong_is_a_typed_error_after_what_had_come(string path, ChatFault fault, string code)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("a", "b", "c") with { Fault = fault, FaultAfter = 2 });
        using var client = new HTTPClient(Brief);
        using var response = await SendAsync(client, server, path, stream: true);
        var came = 0;
        var error = await Assert.ThrowsAnyAsync<NetworkException>(async () =>
        {
            await foreach (var line in response.ReadLinesAsync(Stop))
                came += line.StartsWith("data:", StringComparison.Ordinal) ? 1 : 0;
        });
        Assert.Equal((code, 2, WasSent.Yes), (error.Code, came, error.WasSent));
    }

    [Theory]
    [InlineData(OpenAI, "\"error\":{\"message\":\"overloaded\"")]
    [InlineData(Anthropic, "\"type\":\"overloaded_error\"")]
    public async Task Stream_can_end_without_its_terminal_event_and_with_an_error_inside(string path, string error)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("a") with { Fault = ChatFault.EndEarly, FaultAfter = 2 }).Reply(ChatReply.Text("a") with { Fault = ChatFault.ErrorEvent, FaultAfter = 1, Message = "overloaded" });
        using var client = new HTTPClient(RawAnswer.Options);
        using (var early = await SendAsync(client, server, path, stream: true))
            Assert.Equal(2, (await EventsAsync(early)).Count);
        using var failed = await SendAsync(client, server, path, stream: true);
        var events = await EventsAsync(failed);
        Assert.Equal(2, events.Count);
        Assert.Contains(error, events[1].Data);
    }

    [Fact]
    public async Task Retry_after_ms_is_heeded_and_500_then_success_is_a_success()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Fail(429, TimeSpan.FromMilliseconds(5)) with { ShouldRetry = true }).Reply(ChatReply.Fail(500)).Reply(ChatReply.Text("at last"));
        using var client = new HTTPClient(RawAnswer.Options with { Retry = RetryOptions.Default with { BaseDelay = TimeSpan.Zero, Retries = 1 } });
        using var limited = await SendAsync(client, server, OpenAI, stream: false);
        Assert.Equal((429, "5", "1", "true", TimeSpan.FromMilliseconds(5)),
            (limited.Status, limited.Headers["retry-after-ms"], limited.Headers["retry-after"], limited.Headers["x-should-retry"], limited.RetryAfter));
        using var failed = await SendAsync(client, server, OpenAI, stream: false);
        using var well = await SendAsync(client, server, OpenAI, stream: false);
        Assert.Equal((500, 200, 3), (failed.Status, well.Status, server.Requests.Count));
    }

    [Fact]
    public async Task Minute_has_its_limit_and_begins_anew()
    {
        var clock = new FakeTimeProvider();
        await using var server = ChatServer.Start(new ChatServerOptions { RequestsPerMinute = 1, Listen = new() { TimeProvider = clock } });
        using var client = new HTTPClient(RawAnswer.Options);
        using var first = await SendAsync(client, server, OpenAI, stream: false);
        clock.Advance(TimeSpan.FromSeconds(40));
        using var second = await SendAsync(client, server, OpenAI, stream: false);
        clock.Advance(TimeSpan.FromSeconds(20));
        using var third = await SendAsync(client, server, OpenAI, stream: false);
        Assert.Equal((200, 429, 200), (first.Status, second.Status, third.Status));
        Assert.Equal(("0", "20", "20s"), (second.Headers["x-ratelimit-remaining-requests"], second.Headers["retry-after"], second.Headers["x-ratelimit-reset-requests"]));
    }

    [Fact]
    public async Task Events_take_their_time_on_the_servers_clock()
    {
        var clock = new FakeTimeProvider();
        await using var server = ChatServer.Start(new ChatServerOptions { Listen = new() { TimeProvider = clock } });
        server.Reply(ChatReply.Text("a") with { Pause = TimeSpan.FromMinutes(1) });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await SendAsync(client, server, OpenAI, stream: true);
        var events = EventsAsync(response);
        Assert.False(events.IsCompleted);
        while (!events.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }
        Assert.Equal("[DONE]", (await events)[^1].Data);
    }

    [Fact]
    public async Task Key_and_model_are_checked_and_the_models_listed()
    {
        await using var server = ChatServer.Start(new ChatServerOptions { ApiKey = "k", Models = ["m1", "m2"] });
        using var stranger = new HTTPClient(RawAnswer.Options);
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Bearer("k") });
        using var refused = await SendAsync(stranger, server, Anthropic, stream: false);
        using var missing = await SendAsync(client, server, OpenAI, stream: false);
        using var found = await client.PostAsync(server.Url + OpenAI, Ask("x", model: "m2"), cancellationToken: Stop);
        using var broken = await client.PostAsync(server.Url + OpenAI, RequestBody.Text("[]", "application/json"), cancellationToken: Stop);
        using var models = await client.GetAsync(server.Url + "v1/models", cancellationToken: Stop);
        Assert.Equal((401, 404, 200, 400), (refused.Status, missing.Status, found.Status, broken.Status));
        Assert.Equal(["m1", "m2"], models.Json().GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }
}
