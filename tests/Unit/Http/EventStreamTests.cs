using System.Text.Json.Serialization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Streams of events on one connection: what is asked, what is given out, and how they end.</summary>
public partial class EventStreamTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Request Get(LoopbackServer server, string path = "") => new("GET", server.Url + path);

    private static Request Get(ScriptedServer server) => new("GET", server.Url.ToString());

    /// <summary>Sends a head and a text, and closes: where the body has no length, in good order.</summary>
    private static ScriptedServer Sending(string text, string head = Head) => RawAnswer.ThenClose(head + text);

    private static async Task<(List<ServerSentEvent> Events, T Error)> FailureAsync<T>(IAsyncEnumerable<ServerSentEvent> stream) where T : Exception
    {
        var events = new List<ServerSentEvent>();
        var error = await Assert.ThrowsAnyAsync<T>(async () =>
        {
            await foreach (var item in stream)
                events.Add(item);
        });
        return (events, error);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("QUERY")]
    public async Task Sse_works_over_any_method_body_and_headers(string method)
    {
        await using var server = LoopbackServer.Start();
        var asked = new TaskCompletionSource<(string Method, string Accept, string Extra, string? Cache, string Body)>();
        server.Map("*", "/", async exchange =>
        {
            var body = System.Text.Encoding.UTF8.GetString(await exchange.ReadBodyAsync());
            asked.TrySetResult((exchange.Method, exchange.Headers["Accept"]!, exchange.Headers["X-Extra"]!, exchange.Headers["Cache-Control"], body));
            await exchange.RespondAsync(200, "event: add\nid: 7\ndata: one\n\n:ping\n\ndata: two\n\n", "text/event-stream; charset=utf-8");
        });
        using var client = new HTTPClient(RawAnswer.Options);
        var request = new Request(method, server.Url.ToString())
        {
            Body = method == "GET" ? null : RequestBody.Text("question"),
            Options = new RequestOptions { Headers = new HeaderMap { ["X-Extra"] = "yes" } },
        };
        var events = await client.EventsAsync(request, cancellationToken: Stop).ToListAsync(Stop);
        Assert.Equal([new("add", "one") { Id = "7" }, new("message", "two")], events);
        Assert.Equal((method, "text/event-stream", "yes", method == "GET" ? "no-store" : null, method == "GET" ? "" : "question"), await asked.Task);
    }

    [Fact]
    public async Task Accept_of_the_request_is_kept()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        var options = new RequestOptions { Headers = new HeaderMap { ["Accept"] = "application/json, text/event-stream" } };
        await client.EventsAsync(Get(server, "sse/1") with { Options = options }, cancellationToken: Stop).CountAsync(Stop);
        Assert.Equal("application/json, text/event-stream", server.Requests.Single().Headers["Accept"]);
    }

    [Fact]
    public async Task Typed_event_is_read_from_its_data()
    {
        await using var server = Sending("data: {\"text\":\"a\"}\n\nevent: delta\ndata: nonsense\n\n");
        using var client = new HTTPClient(RawAnswer.Options);
        var events = await client.EventsAsync(Get(server), cancellationToken: Stop).ToListAsync(Stop);
        Assert.Equal("a", events[0].Json(PiecesJson.Default.Piece)!.Text);
        Assert.Equal("a", events[0].Json<Piece>()!.Text);
        var error = Assert.Throws<HTTPException>(() => events[1].Json(PiecesJson.Default.Piece));
        Assert.Equal(ErrorCodes.HttpDecode, error.Code);
        Assert.Contains("'delta'", error.Message);
    }

    [Fact]
    public async Task Error_event_inside_200_is_given_to_the_caller()
    {
        await using var server = Sending("event: delta\ndata: a\n\nevent: error\ndata: {\"type\":\"overloaded_error\"}\n\n");
        using var client = new HTTPClient(RawAnswer.Options);
        var (events, error) = await FailureAsync<StreamTruncatedException>(client.EventsAsync(Get(server), new EventStreamOptions { Until = TerminalEvent.OfType("message_stop") }, Stop));
        Assert.Equal(["delta", "error"], events.Select(item => item.Type));
        Assert.Equal(2, error.Items);
    }

    [Fact]
    public async Task Terminal_event_ends_the_stream_without_waiting_for_the_server()
    {
        await using var server = RawAnswer.ThenStall(Head + "data: a\n\ndata: [DONE]\n\ndata: never seen\n\n");
        using var client = new HTTPClient(RawAnswer.Options);
        var events = await client.EventsAsync(Get(server), new EventStreamOptions { Until = TerminalEvent.Data("[DONE]") }, Stop).ToListAsync(Stop);
        Assert.Equal(["a", "[DONE]"], events.Select(item => item.Data));
        Assert.True(SpinWait.SpinUntil(() => server.OpenConnectionCount == 0, RawAnswer.Patience));
    }

    [Theory]
    [InlineData("id: 4\ndata: a\n\ndata: b\n\n", 2, "4", true)]
    [InlineData("data: a\n\ndata: [DONE]", 1, null, false)]
    [InlineData("data: a\n\ndata: [DONE] \n\n", 2, null, false)]
    [InlineData("id: 4\ndata: a\n\nid\n\n", 1, null, false)]
    [InlineData("", 0, null, false)]
    public async Task Missing_terminal_event_is_an_error_not_a_normal_end(string text, int events, string? lastId, bool canResume)
    {
        await using var server = Sending(text);
        using var client = new HTTPClient(RawAnswer.Options);
        var (seen, error) = await FailureAsync<StreamTruncatedException>(client.EventsAsync(Get(server), new EventStreamOptions { Until = TerminalEvent.Data("[DONE]") }, Stop));
        Assert.Equal(events, seen.Count);
        Assert.Equal((ErrorCodes.HttpStreamTruncated, events, lastId, canResume), (error.Code, error.Items, error.LastEventId, error.CanResume));
        Assert.Equal((WasSent.Yes, NetworkPhase.Receive, true, 200), (error.WasSent, error.Phase, error.IsTransient, error.Status));
        Assert.Equal(server.Port, error.Endpoint!.Port);
        Assert.Contains("an event with the data '[DONE]'", error.Message);
        Assert.Null(error.InnerException);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000\r\n\r\n", ErrorCodes.HttpTruncated)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n", ErrorCodes.HttpTruncated)]
    public async Task Stream_that_breaks_before_its_terminal_event_is_an_error_with_the_cause(string head, string code)
    {
        await using var server = Sending("id: 9\ndata: abcde\n\n\r\n", head);
        using var client = new HTTPClient(RawAnswer.Options);
        var (seen, error) = await FailureAsync<StreamTruncatedException>(client.EventsAsync(Get(server), new EventStreamOptions { Until = TerminalEvent.Data("[DONE]") }, Stop));
        Assert.Equal(("abcde", "9", true), (Assert.Single(seen).Data, error.LastEventId, error.CanResume));
        Assert.Equal(code, Assert.IsAssignableFrom<NetworkException>(error.InnerException).Code);
        // Without a terminal event the break is told as it is.
        var (_, bare) = await FailureAsync<HTTPException>(client.EventsAsync(Get(server), cancellationToken: Stop));
        Assert.Equal(code, bare.Code);
    }

    [Fact]
    public async Task Contract_holds_for_a_response_that_is_read_by_hand()
    {
        await using var server = Sending("id: 1\ndata: a\n\n");
        using var client = new HTTPClient(RawAnswer.Options);
        using (var whole = await client.StreamAsync(Get(server), Stop))
            Assert.Equal("a", (await whole.ReadEventsAsync(TerminalEvent.When(item => item.Data == "a"), Stop).SingleAsync(Stop)).Data);
        using var cut = await client.StreamAsync(Get(server), Stop);
        var (_, error) = await FailureAsync<StreamTruncatedException>(cut.ReadEventsAsync(TerminalEvent.When(_ => false, "the farewell"), Stop));
        Assert.Equal(("1", 1), (error.LastEventId, error.Items));
        Assert.Contains("before the farewell", error.Message);
        using var buffered = await client.SendAsync(Get(server), Stop);
        Assert.Single(await buffered.ReadEventsAsync(cancellationToken: Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task Other_content_type_is_refused_with_status_and_beginning()
    {
        await using var server = LoopbackServer.Start();
        server.Map("*", "/", exchange => exchange.RespondAsync(200, "{\"answer\":\"not streamed\"}", "application/json"));
        using var client = new HTTPClient(RawAnswer.Options);
        var (_, error) = await FailureAsync<HTTPException>(client.EventsAsync(Get(server), cancellationToken: Stop));
        Assert.Equal((ErrorCodes.HttpDecode, 200, "{\"answer\":\"not streamed\"}"), (error.Code, error.Status, error.BodyExcerpt));
        Assert.Contains("application/json", error.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Status_of_a_failure_is_an_error_with_the_bodys_beginning()
    {
        await using var server = LoopbackServer.Start();
        server.Map("*", "/", exchange => exchange.RespondAsync(401, "no such key\u0007", "text/event-stream"));
        using var client = new HTTPClient(RawAnswer.Options);
        var (_, error) = await FailureAsync<HTTPException>(client.EventsAsync(Get(server), cancellationToken: Stop));
        Assert.Equal((ErrorCodes.HttpStatus, 401, "no such key\\u0007"), (error.Code, error.Status, error.BodyExcerpt));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Status_204_says_that_there_is_no_stream(bool promised)
    {
        await using var server = LoopbackServer.Start();
        server.Map("*", "/", exchange => exchange.RespondAsync(204));
        using var client = new HTTPClient(RawAnswer.Options);
        var options = new EventStreamOptions { Until = promised ? TerminalEvent.Data("x") : null, Resume = EventResume.LastEventId };
        var stream = client.EventsAsync(Get(server), options, Stop);
        if (promised)
            Assert.Equal(0, (await FailureAsync<StreamTruncatedException>(stream)).Error.Items);
        else
            Assert.Empty(await stream.ToListAsync(Stop));
        Assert.Single(server.Requests);
    }

    [Theory]
    [Trait("Cve", "28")]
    [InlineData("data: ", ErrorCodes.HttpTooLarge, "ResponseLimits.LineBytes")]
    [InlineData("data: 0123456789\n", ErrorCodes.HttpTooLarge, "ResponseLimits.EventBytes")]
    [InlineData(":", ErrorCodes.HttpTooLarge, "ResponseLimits.LineBytes")]
    public async Task Endless_line_or_event_is_capped(string pattern, string code, string limit)
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync(Head + "data: first\n\n", stop);
            await peer.SendEndlesslyAsync(string.Concat(Enumerable.Repeat(pattern, 100)), stop);
        });
        using var client = new HTTPClient(RawAnswer.Options with { Limits = new ResponseLimits { LineBytes = 100_000, EventBytes = 200_000 } });
        // A limit of ours is no break of the stream's: it keeps its name under a contract too, and is no reason to connect again.
        var options = new EventStreamOptions { Until = TerminalEvent.Data("[DONE]"), Resume = EventResume.With(point => point.Request) };
        var (seen, error) = await FailureAsync<HTTPException>(client.EventsAsync(Get(server), options, Stop));
        Assert.Equal((code, "first"), (error.Code, Assert.Single(seen).Data));
        Assert.Contains(limit, error.Message);
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Idle_timeout_holds_between_events_and_pings_count()
    {
        var clock = new ObservedClock();
        var idle = TimeSpan.FromSeconds(10);
        var ping = new SemaphoreSlim(0);
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync(Head + "data: a\n\n", stop);
            foreach (var text in new[] { ":ping\n", ":ping\n", "data: b\n\n" })
            {
                await ping.WaitAsync(stop);
                await peer.SendAsync(text, stop);
            }
            await peer.StallAsync(stop);
        });
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Timeouts = Timeouts.Default with { Idle = idle, Total = Timeout.InfiniteTimeSpan } });
        await using var stream = client.EventsAsync(Get(server), new EventStreamOptions { Until = TerminalEvent.Data("[DONE]") }, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await stream.MoveNextAsync());
        clock.Forget();
        var second = stream.MoveNextAsync().AsTask();
        for (var i = 0; i < 3; i++)
        {
            // A wait for the server begins with a look at the clock.
            await clock.ReadAsync();
            // Nine seconds thrice: only the pings between them keep the stream alive.
            clock.Advance(TimeSpan.FromSeconds(9));
            clock.Forget();
            ping.Release();
        }
        Assert.True(await second.WaitAsync(RawAnswer.Patience, Stop));
        clock.Forget();
        var third = stream.MoveNextAsync().AsTask();
        await clock.ReadAsync();
        Assert.False(third.IsCompleted);
        clock.Advance(idle);
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => third.WaitAsync(RawAnswer.Patience, Stop));
        Assert.Equal((ErrorCodes.TimeoutIdle, TimeoutKind.Idle, NetworkPhase.Receive), (error.Code, error.Kind, error.Phase));
    }

    [Fact]
    public async Task Cancelling_closes_the_connection_promptly_and_stays_the_callers()
    {
        await using var server = RawAnswer.ThenStall(Head + "data: a\n\n");
        using var client = new HTTPClient(RawAnswer.Options);
        using var source = new CancellationTokenSource();
        var options = new EventStreamOptions { Until = TerminalEvent.Data("[DONE]"), Resume = EventResume.LastEventId };
        await using var stream = client.EventsAsync(Get(server), options, source.Token).GetAsyncEnumerator(Stop);
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(RawAnswer.Patience, Stop));
        Assert.True(SpinWait.SpinUntil(() => server.OpenConnectionCount == 0, RawAnswer.Patience));
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Cancelling_before_the_first_event_stays_the_callers()
    {
        await using var server = RawAnswer.ThenStall(Head + ":waiting\n");
        using var client = new HTTPClient(RawAnswer.Options);
        using var source = new CancellationTokenSource();
        var opened = new TaskCompletionSource();
        await using var stream = client.EventsAsync(Get(server), new EventStreamOptions { Opened = _ => opened.SetResult() }, source.Token).GetAsyncEnumerator(Stop);
        var first = stream.MoveNextAsync().AsTask();
        await opened.Task.WaitAsync(RawAnswer.Patience, Stop);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(RawAnswer.Patience, Stop));
        Assert.True(SpinWait.SpinUntil(() => server.OpenConnectionCount == 0, RawAnswer.Patience));
    }

    [Fact]
    public async Task Leaving_the_loop_closes_the_connection()
    {
        await using var server = RawAnswer.ThenStall(Head + "data: a\n\ndata: b\n\n");
        using var client = new HTTPClient(RawAnswer.Options);
        await foreach (var item in client.EventsAsync(Get(server), cancellationToken: Stop))
        {
            Assert.Equal("a", item.Data);
            break;
        }
        Assert.True(SpinWait.SpinUntil(() => server.OpenConnectionCount == 0, RawAnswer.Patience));
    }

    [Fact]
    public async Task Opened_is_told_of_the_response_and_its_fields()
    {
        await using var server = LoopbackServer.Start();
        server.Map("*", "/", exchange => exchange.RespondAsync(200, "data: a\n\n"u8.ToArray(), "text/event-stream", [new("X-Request-Id", "req-1")]));
        using var client = new HTTPClient(RawAnswer.Options);
        string? id = null;
        await client.EventsAsync(Get(server), new EventStreamOptions { Opened = response => id = response.Headers["x-request-id"] }, Stop).CountAsync(Stop);
        Assert.Equal("req-1", id);
    }

    [Fact]
    public async Task Middleware_sees_the_request_and_may_send_its_own()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Middleware = [(request, next, stop) => next(new Request("POST", request.Url + "?end=over"), stop)],
        });
        var events = await client.EventsAsync(Get(server, "sse/2"), new EventStreamOptions { Until = TerminalEvent.Data("over") }, Stop).ToListAsync(Stop);
        Assert.Equal(3, events.Count);
        Assert.Equal("POST", server.Requests.Single().Method);
    }

    [Fact]
    public async Task Compressed_stream_is_given_out_event_by_event()
    {
        await using var server = LoopbackServer.Start();
        var seen = new SemaphoreSlim(0);
        server.Map("*", "/", async exchange =>
        {
            var body = await exchange.StartAsync(200, [new("Content-Type", "text/event-stream"), new("Content-Encoding", "gzip")]);
            await using var gzip = new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Compress);
            for (var i = 0; i < 3; i++)
            {
                await gzip.WriteAsync("data: a\n\n"u8.ToArray());
                await gzip.FlushAsync();
                await seen.WaitAsync(RawAnswer.Patience);
            }
        });
        using var client = new HTTPClient(RawAnswer.Options);
        var count = 0;
        await foreach (var item in client.EventsAsync(Get(server), cancellationToken: Stop))
        {
            count++;
            seen.Release();
        }
        Assert.Equal(3, count);
    }

    [Fact]
    public async Task Each_enumeration_sends_the_request_anew()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        var stream = client.EventsAsync(Get(server, "sse/3"), cancellationToken: Stop);
        Assert.Equal(3, await stream.CountAsync(Stop));
        Assert.Equal(3, await stream.CountAsync(Stop));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public void Wrong_options_are_told_by_name()
    {
        using var client = new HTTPClient(RawAnswer.Options);
        var request = new Request("GET", "http://127.0.0.1:9/");
        foreach (var (options, name) in new (EventStreamOptions, string)[]
        {
            (new() { Reconnects = -1 }, "Reconnects"), (new() { ReconnectDelay = TimeSpan.FromSeconds(-1) }, "ReconnectDelay"),
            (new() { ReconnectDelayCap = TimeSpan.FromSeconds(1) }, "ReconnectDelayCap"), (new() { Resume = null! }, "Resume"),
        })
            Assert.Contains("EventStreamOptions." + name, Assert.ThrowsAny<ArgumentException>(() => client.EventsAsync(request, options)).Message);
    }

    internal sealed record Piece(string Text);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Piece))]
    internal sealed partial class PiecesJson : JsonSerializerContext;
}
