using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Llm;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Http;

namespace Codomyrmex.Networking.Tests.Unit.Llm;

/// <summary>Answers of models in both formats, from a service that behaves and one that does not.</summary>
public class ModelStreamTests
{
    public static TheoryData<ModelFormat> Formats => [ModelFormat.OpenAI, ModelFormat.Anthropic];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static HTTPClientOptions Options { get; } = RawAnswer.Options with
    {
        AutoIdempotencyKeys = true,
        Retry = new RetryOptions { BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero },
    };

    [Theory, MemberData(nameof(Formats))]
    public async Task Typed_stream_gives_text_tool_calls_usage_and_the_reason_of_its_end(ModelFormat format)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("Hel", "lo") with { ToolCalls = [new("weather", """{"city":"Oslo"}"""), new("time", """{"zone":"CET"}""")] });
        using var client = new HTTPClient(Options);
        var stream = Ask(client, server, format);
        var deltas = new List<ModelDelta>();
        await foreach (var delta in stream.WithCancellation(Stop))
            deltas.Add(delta);
        Assert.Equal(["Hel", "lo"], deltas.Select(delta => delta.Text).OfType<string>());
        Assert.Equal("""{"city":"Oslo"}""", string.Concat(deltas.Where(delta => delta.ToolCallPiece is { Index: 0 }).Select(delta => delta.ToolCallPiece!.Value.Arguments)));
        Assert.Equal(["weather", "time"], deltas.Select(delta => delta.ToolCall).OfType<ModelToolCall>().Select(call => call.Name));
        var answer = stream.Answer;
        Assert.Equal(("Hello", ModelFinishReason.ToolCalls, "test-model", true), (answer.Text, answer.FinishReason, answer.Model, answer.IsComplete));
        Assert.Equal([("weather", """{"city":"Oslo"}""", true), ("time", """{"zone":"CET"}""", true)], answer.ToolCalls.Select(call => (call.Name, call.Arguments, call.IsComplete)));
        Assert.All(answer.ToolCalls, call => Assert.NotEmpty(call.Id));
        Assert.Equal((new ModelUsage(3, 4), false), (answer.Usage, answer.IsUsageEstimated));
        Assert.Equal("req_1", answer.RequestId);
        Assert.Contains(answer.RateLimits.Quotas, quota => quota is { Unit: RateLimitUnit.Tokens, Remaining: not null });
        Assert.Contains(answer.RateLimits.Quotas, quota => quota is { Unit: RateLimitUnit.Requests, Remaining: not null });
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Missing_terminal_event_is_an_error_with_the_partial(ModelFormat format)
    {
        foreach (var fault in new[] { ChatFault.EndEarly, ChatFault.Cut })
        {
            var (error, requests) = await FailAsync(format, ChatReply.Text("Hel", "lo", "!") with { Fault = fault, FaultAfter = EventsUntil(format, texts: 2) }, ChatReply.Text("again"));
            var cut = Assert.IsType<ModelStreamException>(error);
            Assert.Equal((ErrorCodes.ModelInterrupted, "Hello", false, true, 1), (cut.Code, cut.Partial.Text, cut.Partial.IsComplete, cut.IsTransient, requests));
            Assert.Equal(WasSent.Yes, cut.WasSent);
            Assert.IsType<StreamTruncatedException>(cut.InnerException);
            Assert.Contains(fault == ChatFault.EndEarly ? "without its terminal event" : "broke off", cut.Message);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Error_event_inside_200_is_a_typed_error_with_the_partial(ModelFormat format)
    {
        var (error, requests) = await FailAsync(format,
            ChatReply.Text("Hel", "lo") with { Fault = ChatFault.ErrorEvent, FaultAfter = EventsUntil(format, texts: 1), Message = "too much today" }, ChatReply.Text("again"));
        var reported = Assert.IsType<ModelStreamException>(error);
        Assert.Equal((ErrorCodes.ModelError, "Hel", true, 1), (reported.Code, reported.Partial.Text, reported.IsTransient, requests));
        Assert.Equal(format == ModelFormat.OpenAI ? "server_error" : "overloaded_error", reported.RemoteKind);
        Assert.Contains("too much today", reported.Message);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Retry_happens_before_the_first_token_only(ModelFormat format)
    {
        await using var server = ChatServer.Start();
        // Not before the first event: the answer has a head, and pings, and still nothing of it is lost.
        var none = EventsUntil(format, texts: 0);
        server.Reply(ChatReply.Fail(429, TimeSpan.FromMilliseconds(1)))
            .Reply(ChatReply.Text("one") with { Fault = ChatFault.ErrorEvent, FaultAfter = none })
            .Reply(ChatReply.Text("two") with { Fault = ChatFault.EndEarly, FaultAfter = none })
            .Reply(ChatReply.Text("three") with { Fault = ChatFault.Cut, FaultAfter = none })
            .Reply(ChatReply.Text("four"));
        using var client = new HTTPClient(Options with { Retry = Options.Retry with { Retries = 4 } });
        var stream = Ask(client, server, format);
        Assert.Equal("four", (await stream.ReadToEndAsync(Stop)).Text);
        Assert.Equal(5, server.Requests.Count);
        Assert.Single(server.Requests.Select(request => request.Headers["Idempotency-Key"]).Distinct());
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Request_that_may_not_be_repeated_fails_with_the_first_error(ModelFormat format)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("one") with { Fault = ChatFault.ErrorEvent, FaultAfter = 1 });
        using var client = new HTTPClient(Options with { AutoIdempotencyKeys = false });
        var error = await Assert.ThrowsAsync<ModelStreamException>(() => Ask(client, server, format).ReadToEndAsync(Stop));
        Assert.Equal((ErrorCodes.ModelError, ""), (error.Code, error.Partial.Text));
        Assert.Single(server.Requests);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Error_that_blames_the_request_is_not_repeated(ModelFormat format)
    {
        var (error, requests) = await FailAsync(format, ChatReply.Text("one") with { Fault = ChatFault.ErrorEvent, FaultAfter = 1, ErrorType = "invalid_request_error" });
        Assert.Equal((ErrorCodes.ModelError, false, 1), (error.Code, error.IsTransient, requests));
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Should_retry_false_beats_the_status(ModelFormat format)
    {
        var (error, requests) = await FailAsync(format, ChatReply.Fail(503) with { ShouldRetry = false }, ChatReply.Text("again"));
        Assert.Equal((ErrorCodes.HttpStatus, 1), (error.Code, requests));
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Stalled_answer_runs_into_the_idle_timeout_with_the_partial(ModelFormat format)
    {
        var (error, requests) = await FailAsync(format, ChatReply.Text("Hel", "lo") with { Fault = ChatFault.Stall, FaultAfter = EventsUntil(format, texts: 1) });
        var stalled = Assert.IsType<ModelStreamException>(error);
        Assert.Equal((ErrorCodes.ModelInterrupted, "Hel", 1), (stalled.Code, stalled.Partial.Text, requests));
        Assert.Equal(TimeoutKind.Idle, Assert.IsType<NetworkTimeoutException>(stalled.InnerException).Kind);
    }

    [Theory]
    [InlineData(ModelFormat.OpenAI, "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n", ": ping\n\n", "data: [DONE]\n\n")]
    [InlineData(ModelFormat.Anthropic, "event: content_block_delta\ndata: {\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n", "event: ping\ndata: {}\n\n", "event: message_stop\ndata: {}\n\n")]
    public async Task Pings_keep_an_idle_answer_alive(ModelFormat format, string text, string ping, string end)
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/", async exchange =>
        {
            var body = await exchange.StartAsync(200, [new("Content-Type", "text/event-stream")]);
            await body.WriteAsync(Encoding.UTF8.GetBytes(text), exchange.Aborted);
            // More time than the idle timeout allows, but never without a ping.
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(150));
            for (var i = 0; i < 14 && await pace.WaitForNextTickAsync(exchange.Aborted); i++)
                await body.WriteAsync(Encoding.UTF8.GetBytes(ping), exchange.Aborted);
            await body.WriteAsync(Encoding.UTF8.GetBytes(end), exchange.Aborted);
        });
        using var client = new HTTPClient(Options with { Timeouts = Options.Timeouts with { Idle = TimeSpan.FromMilliseconds(1600) } });
        var stream = new ModelStream(client, new Request("POST", server.Url.ToString()), new ModelStreamOptions { Format = format });
        Assert.Equal(("Hello", true), ((await stream.ReadToEndAsync(Stop)).Text, stream.Answer.IsComplete));
        Assert.Single(server.Requests);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Pings_without_an_end_run_into_the_deadline_before_and_after_the_first_token(ModelFormat format)
    {
        foreach (var texts in new[] { 0, 1 })
        {
            await using var server = ChatServer.Start();
            server.Reply(ChatReply.Text("Hel", "lo") with { Fault = ChatFault.OnlyPings, FaultAfter = EventsUntil(format, texts), Pause = TimeSpan.FromMilliseconds(1) });
            using var client = new HTTPClient(Options with { Timeouts = Options.Timeouts with { Total = TimeSpan.FromMilliseconds(700) } });
            var error = await Assert.ThrowsAnyAsync<NetworkException>(() => Ask(client, server, format).ReadToEndAsync(Stop));
            var timeout = Assert.IsType<NetworkTimeoutException>(texts == 0 ? error : Assert.IsType<ModelStreamException>(error).InnerException);
            Assert.Equal(TimeoutKind.Total, timeout.Kind);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Event_that_is_no_json_is_a_typed_error_with_the_partial(ModelFormat format)
    {
        var (error, _) = await FailAsync(format, ChatReply.Text("Hel", "lo") with { Fault = ChatFault.Malformed, FaultAfter = EventsUntil(format, texts: 1) });
        Assert.Equal((ErrorCodes.ModelMalformed, "Hel", false), (error.Code, Assert.IsType<ModelStreamException>(error).Partial.Text, error.IsTransient));
        Assert.Matches($"sent what is no event of a model's answer in the format {format}: its data is no JSON \\(line 1, byte [0-9]+\\)\\. The event of type '[a-z_]+' begins with '.+'\\.$", error.Message);
    }

    [Fact]
    public void Answer_prints_what_there_is_of_it_and_nothing_that_was_said()
    {
        var answer = new ModelAnswer
        {
            Model = "test\e-model",
            Text = "the canary",
            Reasoning = "canary",
            ToolCalls = [new ModelToolCall(0, "1", "weather", "{\"key\":\"canary\"}", true)],
            Usage = new ModelUsage(3, 4),
            FinishReason = ModelFinishReason.ToolCalls,
        };
        Assert.Equal("test-model: 10 characters, 6 of reasoning, calls weather; 3 + 4 tokens (estimated); ToolCalls", answer.ToString());
        Assert.Equal("a model: 0 characters; 0 + 0 tokens (estimated); cut off", new ModelAnswer().ToString());
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task What_follows_the_terminal_event_is_not_read(ModelFormat format)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("Hello") with { Fault = ChatFault.Repeat, FaultAfter = EventsUntil(format, texts: 1) + (format == ModelFormat.OpenAI ? 1 : 2) });
        using var client = new HTTPClient(Options);
        var answer = await Ask(client, server, format).ReadToEndAsync(Stop);
        Assert.Equal(("Hello", true), (answer.Text, answer.IsComplete));
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Answer_that_ran_out_of_tokens_says_so_and_leaves_its_last_call_incomplete(ModelFormat format)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Tool("weather", """{"city":""") with { FinishReason = format == ModelFormat.OpenAI ? "length" : "max_tokens" });
        using var client = new HTTPClient(Options);
        var answer = await Ask(client, server, format).ReadToEndAsync(Stop);
        Assert.Equal(ModelFinishReason.Length, answer.FinishReason);
        Assert.Equal("""{"city":""", Assert.Single(answer.ToolCalls).Arguments);
        // Anthropic ends a block by an event of its own.
        Assert.Equal(format == ModelFormat.Anthropic, answer.ToolCalls[0].IsComplete);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Leaving_the_loop_closes_the_connection_and_keeps_what_has_come(ModelFormat format)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("Hel", "lo") with { Fault = ChatFault.Stall, FaultAfter = EventsUntil(format, texts: 1) });
        using var client = new HTTPClient(Options with { Timeouts = Options.Timeouts with { Idle = RawAnswer.Patience } });
        var stream = Ask(client, server, format);
        await foreach (var delta in stream.WithCancellation(Stop))
        {
            if (delta.Text is not null)
                break;
        }
        Assert.Equal(("Hel", false), (stream.Answer.Text, stream.Answer.IsComplete));
        Assert.Equal(0, client.GetPoolStatistics().Hosts.Sum(host => host.RequestsInFlight));
    }

    [Fact]
    public async Task Callers_cancellation_stays_what_it_is()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("Hel", "lo") with { Fault = ChatFault.Stall, FaultAfter = EventsUntil(ModelFormat.OpenAI, texts: 1) });
        using var client = new HTTPClient(Options);
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var stream = Ask(client, server, ModelFormat.OpenAI);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var delta in stream.WithCancellation(mine.Token))
            {
                if (delta.Text is not null)
                    await mine.CancelAsync();
            }
        });
        Assert.Equal("Hel", stream.Answer.Text);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Refusal_before_the_stream_is_the_calls_own_error(ModelFormat format)
    {
        var (error, _) = await FailAsync(format, ChatReply.Fail(400) with { Message = "too many tokens" });
        Assert.Contains("too many tokens", Assert.IsType<HTTPException>(error).BodyExcerpt);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Rate_headers_for_requests_and_tokens_feed_the_limiter(ModelFormat format)
    {
        foreach (var options in new[] { new ChatServerOptions { RequestsPerMinute = 1 }, new ChatServerOptions { TokensPerMinute = 3 } })
        {
            await using var server = ChatServer.Start(options);
            using var client = new HTTPClient(Options with { HostLimits = new HostLimitOptions { MaxWait = TimeSpan.Zero } });
            Assert.Equal("one two three", (await Ask(client, server, format).ReadToEndAsync(Stop)).Text);
            var error = await Assert.ThrowsAsync<RateLimitException>(() => Ask(client, server, format).ReadToEndAsync(Stop));
            Assert.Equal((ErrorCodes.RateLimited, WasSent.Never), (error.Code, error.WasSent));
            Assert.InRange(error.RetryAfter!.Value.TotalSeconds, 30, 61);
            Assert.Single(server.Requests);
        }
    }

    /// <summary>How many events the server sends until so many pieces of text have come.</summary>
    private static int EventsUntil(ModelFormat format, int texts) => (format == ModelFormat.OpenAI ? 1 : 3) + texts;

    internal static ModelStream Ask(HTTPClient client, ChatServer server, ModelFormat format, ModelBudget? budget = null, string question = "one two three") =>
        new(client, Question(server, format, question), new ModelStreamOptions { Format = format, Budget = budget });

    internal static Request Question(ChatServer server, ModelFormat format, string question) =>
        new("POST", server.Url + (format == ModelFormat.OpenAI ? "v1/chat/completions" : "v1/messages"))
        {
            Body = RequestBody.Text($$"""{"model":"test-model","max_tokens":9,"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"{{question}}"}]}""", "application/json"),
        };

    private static async Task<(NetworkException Error, int Requests)> FailAsync(ModelFormat format, params ChatReply[] replies)
    {
        await using var server = ChatServer.Start();
        foreach (var reply in replies)
            server.Reply(reply);
        using var client = new HTTPClient(Options with { Timeouts = Options.Timeouts with { Idle = TimeSpan.FromMilliseconds(400) } });
        try
        {
            await Ask(client, server, format).ReadToEndAsync(Stop);
            return (null!, server.Requests.Count);
        }
        catch (NetworkException error)
        {
            return (error, server.Requests.Count);
        }
    }
}
