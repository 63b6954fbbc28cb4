using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>What is sent again: before the first event by the rules for retries, after it only by an explicit resume policy.</summary>
public class EventResumeTests
{
    private static readonly TerminalEvent Done = TerminalEvent.Data("done");

    private static readonly RetryOptions Quick = new() { BaseDelay = TimeSpan.Zero, Jitter = static () => 0 };

    private static readonly EventStreamOptions LikeABrowser = new() { Resume = EventResume.LastEventId, ReconnectDelay = TimeSpan.Zero };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static HTTPClient Client(RetryOptions? retry = null, TimeProvider? clock = null) =>
        new(RawAnswer.Options with { Retry = retry ?? RetryOptions.None, Clock = clock ?? TimeProvider.System });

    private static LoopbackServer Lab() => LabEndpoints.MapTo(LoopbackServer.Start());

    private static Request Get(LoopbackServer server, string path) => new("GET", server.Url + path);

    /// <summary>Answers each request with the next stream, and with the last one from then on; one that ends with ! breaks off.</summary>
    private static LoopbackServer InTurn(params string[] streams)
    {
        var turn = -1;
        return LoopbackServer.Start().Map("*", "/{**any}", async exchange =>
        {
            var text = streams[Math.Min(Interlocked.Increment(ref turn), streams.Length - 1)];
            var body = await exchange.StartAsync(text == "204" ? 204 : 200, [new("Content-Type", "text/event-stream")]);
            if (text == "204")
                return;
            await body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text.TrimEnd('!')));
            if (text.EndsWith('!'))
                exchange.Abort();
        });
    }

    private static async Task<(string Data, Exception? Error)> ReadAsync(IAsyncEnumerable<ServerSentEvent> stream)
    {
        var data = new List<string>();
        try
        {
            await foreach (var item in stream)
                data.Add(item.Data);
            return (string.Join(' ', data), null);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return (string.Join(' ', data), error);
        }
    }

    private static string?[] LastEventIds(LoopbackServer server) => [.. server.Requests.Select(request => request.Headers["Last-Event-ID"])];

    [Fact]
    public async Task Sse_resume_policy_never_is_the_default()
    {
        await using var server = Lab();
        using var client = Client(Quick);
        var (data, error) = await ReadAsync(client.EventsAsync(Get(server, "sse/9?drop_after=2"), cancellationToken: Stop));
        Assert.Equal(2, data.Split(' ').Length);
        Assert.Equal(ErrorCodes.HttpTruncated, Assert.IsType<HTTPException>(error).Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Sse_resume_policy_last_event_id_goes_on_until_the_terminal_event()
    {
        await using var server = Lab();
        using var client = Client();
        var (data, error) = await ReadAsync(client.EventsAsync(Get(server, "sse/7?drop_after=3&end=done"), LikeABrowser with { Until = Done }, Stop));
        Assert.Null(error);
        Assert.Equal("{\"id\":1} {\"id\":2} {\"id\":3} {\"id\":4} {\"id\":5} {\"id\":6} {\"id\":7} done", data);
        Assert.Equal([null, "3", "6"], LastEventIds(server));
    }

    [Fact]
    public async Task Sse_resume_policy_last_event_id_goes_on_after_an_orderly_end_until_204()
    {
        await using var server = InTurn("id: a\ndata: 1\n\n", "data: 2\n\n", "id: ü\ndata: 3\n\n", "204");
        using var client = Client();
        Assert.Equal(("1 2 3", null), await ReadAsync(client.EventsAsync(Get(server, ""), LikeABrowser, Stop)));
        // An identifier holds until another one comes, over connections too; it is sent in UTF-8.
        Assert.Equal([null, "a", "a", "\u00c3\u00bc"], LastEventIds(server));
    }

    [Fact]
    public async Task Sse_resume_policy_custom_makes_the_next_request()
    {
        await using var server = InTurn("id: 5\ndata: 1\n\n!", "id: 6\ndata: 2\n\ndata: done\n\n");
        using var client = Client();
        var points = new List<EventStreamBreak>();
        var options = new EventStreamOptions
        {
            Until = Done,
            ReconnectDelay = TimeSpan.Zero,
            Resume = EventResume.With(point =>
            {
                points.Add(point);
                return new Request("GET", $"{server.Url}runs/1?after={point.LastEventId}");
            }),
        };
        var request = new Request("POST", server.Url + "runs") { Body = RequestBody.Text("start") };
        Assert.Equal(("1 2 done", null), await ReadAsync(client.EventsAsync(request, options, Stop)));
        Assert.Equal(["POST /runs", "GET /runs/1?after=5"], server.Requests.Select(sent => $"{sent.Method} {sent.Target}"));
        var point = Assert.Single(points);
        Assert.Equal(("5", 1, ErrorCodes.HttpTruncated), (point.LastEventId, point.Events, point.Cause?.Code));
        Assert.Same(request, point.Request);
    }

    [Fact]
    public async Task Sse_resume_policy_custom_may_give_up()
    {
        await using var server = InTurn("id: 5\ndata: 1\n\n!");
        using var client = Client();
        var (data, error) = await ReadAsync(client.EventsAsync(Get(server, ""), new EventStreamOptions { Until = Done, Resume = EventResume.With(_ => null) }, Stop));
        var cut = Assert.IsType<StreamTruncatedException>(error);
        Assert.Equal(("1", "5", 1, true), (data, cut.LastEventId, cut.Items, cut.CanResume));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Post_stream_is_never_sent_again_silently()
    {
        await using var server = InTurn("id: 5\ndata: 1\n\n!", "data: twice\n\n");
        using var client = Client(Quick);
        var request = new Request("POST", server.Url.ToString()) { Body = RequestBody.Text("pay") };
        Assert.Throws<ArgumentException>(() => client.EventsAsync(request, LikeABrowser));
        var (data, error) = await ReadAsync(client.EventsAsync(request, new EventStreamOptions { Until = Done }, Stop));
        Assert.Equal("1", data);
        Assert.False(Assert.IsType<StreamTruncatedException>(error).CanResume);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void Body_that_can_be_read_once_is_not_promised_again()
    {
        using var client = Client();
        var request = new Request("QUERY", "http://127.0.0.1:9/") { Body = RequestBody.OneShot(new MemoryStream()) };
        Assert.Contains("IsReplayable", Assert.Throws<ArgumentException>(() => client.EventsAsync(request, LikeABrowser)).Message);
    }

    [Theory]
    [InlineData("data: 1\n\n!")]
    [InlineData("id: 1\u0001\ndata: 1\n\n!")]
    [InlineData("id: 1\ndata: 0\n\nid\ndata: 1\n\n!")]
    public async Task Stream_without_an_identifier_to_go_on_from_is_not_resumed(string stream)
    {
        await using var server = InTurn(stream, "data: again\n\n");
        using var client = Client();
        var (data, error) = await ReadAsync(client.EventsAsync(Get(server, ""), LikeABrowser, Stop));
        Assert.EndsWith("1", data);
        Assert.Equal(ErrorCodes.HttpTruncated, Assert.IsType<HTTPException>(error).Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Stream_may_begin_where_an_earlier_one_was_cut_off()
    {
        await using var server = Lab();
        using var client = Client();
        var request = Get(server, "sse/5?end=done") with { Options = new RequestOptions { Headers = new HeaderMap { ["Last-Event-ID"] = "3" } } };
        Assert.Equal("{\"id\":4} {\"id\":5} done", (await ReadAsync(client.EventsAsync(request, LikeABrowser with { Until = Done }, Stop))).Data);
    }

    [Theory]
    [InlineData("GET", null, 2)]
    [InlineData("POST", null, 1)]
    [InlineData("POST", "key-1", 2)]
    public async Task Retry_before_the_first_event_follows_the_rules_for_retries(string method, string? key, int requests)
    {
        await using var server = InTurn(":hello\n!", "data: 1\n\ndata: done\n\n");
        using var client = Client(Quick);
        var request = new Request(method, server.Url.ToString()) { Options = new RequestOptions { IdempotencyKey = key } };
        var (data, error) = await ReadAsync(client.EventsAsync(request, new EventStreamOptions { Until = Done }, Stop));
        Assert.Equal(requests, server.Requests.Count);
        if (requests == 2)
            Assert.Equal(("1 done", null), (data, error));
        else
            Assert.Equal(("", 0), (data, Assert.IsType<StreamTruncatedException>(error).Items));
        Assert.All(server.Requests, sent => Assert.Equal(key, sent.Headers["Idempotency-Key"]));
    }

    [Fact]
    public async Task Retry_after_the_first_event_is_left_to_the_caller()
    {
        await using var server = InTurn("data: 1\n\n!", "data: 1\n\ndata: done\n\n");
        using var client = Client(Quick);
        var request = Get(server, "") with { Options = new RequestOptions { IdempotencyKey = "key-1" } };
        var (data, error) = await ReadAsync(client.EventsAsync(request, new EventStreamOptions { Until = Done }, Stop));
        Assert.Equal("1", data);
        Assert.IsType<StreamTruncatedException>(error);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Busy_server_is_asked_again_before_the_first_event()
    {
        await using var server = Lab();
        using var client = Client(Quick);
        server.Map("GET", "/busy", exchange => server.Requests.Count < 3 ? exchange.RespondAsync(503) : exchange.RespondAsync(200, "data: 1\n\n", "text/event-stream"));
        Assert.Equal(("1", null), await ReadAsync(client.EventsAsync(Get(server, "busy"), cancellationToken: Stop)));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Reconnects_without_progress_are_bounded()
    {
        await using var server = InTurn("id: 1\ndata: 1\n\n!", ":nothing\n!", "", "retry: 0\n\n");
        using var client = Client();
        var (data, error) = await ReadAsync(client.EventsAsync(Get(server, ""), LikeABrowser with { Reconnects = 4 }, Stop));
        Assert.Equal("1", data);
        Assert.Equal("1", Assert.IsType<StreamTruncatedException>(error).LastEventId);
        Assert.Equal(5, server.Requests.Count);
    }

    [Fact]
    public async Task Server_that_is_gone_ends_the_reconnecting()
    {
        await using var server = InTurn("id: 1\ndata: 1\n\n!");
        using var client = Client();
        var events = 0;
        var error = await Assert.ThrowsAsync<ConnectionException>(async () =>
        {
            await foreach (var item in client.EventsAsync(Get(server, ""), LikeABrowser with { Reconnects = 2 }, Stop))
            {
                events++;
                await server.DisposeAsync();
            }
        });
        Assert.Equal((1, ErrorCodes.TcpRefused), (events, error.Code));
    }

    [Fact]
    public async Task An_event_starts_the_count_of_reconnects_anew()
    {
        await using var server = InTurn("id: 1\ndata: 1\n\n", "", "id: 2\ndata: 2\n\n!", "", "id: 3\ndata: 3\n\n", "", "", "204");
        using var client = Client();
        var (data, error) = await ReadAsync(client.EventsAsync(Get(server, ""), LikeABrowser with { Reconnects = 2 }, Stop));
        Assert.Equal("1 2 3", data);
        Assert.IsType<StreamTruncatedException>(error);
        Assert.Equal(7, server.Requests.Count);
    }

    [Fact]
    public async Task Status_that_will_not_change_ends_the_reconnecting()
    {
        await using var server = LoopbackServer.Start();
        server.Map("*", "/", exchange => server.Requests.Count == 1
            ? exchange.RespondAsync(200, "id: 1\ndata: 1\n\n", "text/event-stream")
            : exchange.RespondAsync(410, "gone"));
        using var client = Client();
        var (_, error) = await ReadAsync(client.EventsAsync(Get(server, ""), LikeABrowser, Stop));
        Assert.Equal((410, "gone"), (Assert.IsType<HTTPException>(error).Status, ((HTTPException)error).BodyExcerpt));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Server_names_the_wait_and_a_cap_bounds_it()
    {
        var clock = new ObservedClock();
        await using var server = InTurn("id: 1\ndata: 1\n\n", "retry: 7000\nid: 2\ndata: 2\n\n", "retry: 999999999\nid: 3\ndata: 3\n\n", "", "data: done\n\n");
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Retry = new RetryOptions { Retries = 0, Jitter = () => 0 }, Timeouts = Timeouts.Default with { Total = Timeout.InfiniteTimeSpan } });
        var options = new EventStreamOptions { Resume = EventResume.LastEventId, Until = Done, ReconnectDelay = TimeSpan.FromSeconds(2), ReconnectDelayCap = TimeSpan.FromSeconds(25) };
        var reading = ReadAsync(client.EventsAsync(Get(server, ""), options, Stop));
        foreach (var seconds in new[] { 2, 7, 25, 25 })
        {
            await clock.SetAsync(TimeSpan.FromSeconds(seconds));
            clock.Advance(TimeSpan.FromSeconds(seconds));
        }
        Assert.Equal(("1 2 3 done", null), await reading.WaitAsync(RawAnswer.Patience, Stop));
    }

    [Fact]
    public async Task Wait_doubles_while_connections_bring_nothing()
    {
        var clock = new ObservedClock();
        await using var server = InTurn("id: 1\ndata: 1\n\n", "", "", "id: 2\ndata: 2\n\n", "data: done\n\n");
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Retry = new RetryOptions { Retries = 0, Jitter = () => 0.8 }, Timeouts = Timeouts.Default with { Total = Timeout.InfiniteTimeSpan } });
        var options = new EventStreamOptions { Resume = EventResume.LastEventId, ReconnectDelay = TimeSpan.FromSeconds(2), ReconnectDelayCap = TimeSpan.FromSeconds(5) };
        var reading = ReadAsync(client.EventsAsync(Get(server, ""), options with { Until = Done }, Stop));
        // A fifth is added by the jitter.
        foreach (var seconds in new[] { 2.4, 4.8, 6, 2.4 })
        {
            await clock.SetAsync(TimeSpan.FromSeconds(seconds));
            clock.Advance(TimeSpan.FromSeconds(seconds));
        }
        Assert.Equal("1 2 done", (await reading.WaitAsync(RawAnswer.Patience, Stop)).Data);
    }

    [Fact]
    public async Task Total_spans_every_connection_of_a_stream()
    {
        var clock = new ObservedClock();
        await using var server = InTurn("id: 1\ndata: 1\n\n", "id: 2\ndata: 2\n\n", "id: 3\ndata: 3\n\n");
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Retry = RetryOptions.None with { Jitter = () => 0 }, Timeouts = Timeouts.Default with { Total = TimeSpan.FromSeconds(10) } });
        var options = new EventStreamOptions { Resume = EventResume.LastEventId, Until = Done, ReconnectDelay = TimeSpan.FromSeconds(4) };
        var reading = ReadAsync(client.EventsAsync(Get(server, ""), options, Stop));
        for (var i = 0; i < 2; i++)
        {
            await clock.SetAsync(TimeSpan.FromSeconds(4));
            clock.Advance(TimeSpan.FromSeconds(4));
        }
        // Two seconds are left: too few for another wait of four.
        var (data, error) = await reading.WaitAsync(RawAnswer.Patience, Stop);
        Assert.Equal(("1 2 3", 3), (data, Assert.IsType<StreamTruncatedException>(error).Items));
    }

    [Fact]
    public async Task Cancelling_while_waiting_to_reconnect_stays_the_callers()
    {
        var clock = new ObservedClock();
        await using var server = InTurn("id: 1\ndata: 1\n\n");
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Retry = RetryOptions.None with { Jitter = () => 0 } });
        using var source = new CancellationTokenSource();
        var reading = ReadAsync(client.EventsAsync(Get(server, ""), new EventStreamOptions { Resume = EventResume.LastEventId }, source.Token));
        await clock.SetAsync(TimeSpan.FromSeconds(3));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(RawAnswer.Patience, Stop));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Identifier_of_a_hostile_server_never_breaks_a_request()
    {
        await using var server = InTurn($"id: {new string('x', 5000)}\ndata: 1\n\n!", "data: again\n\n");
        using var client = Client();
        var (_, error) = await ReadAsync(client.EventsAsync(Get(server, ""), LikeABrowser with { Until = Done }, Stop));
        Assert.False(Assert.IsType<StreamTruncatedException>(error).CanResume);
        Assert.Single(server.Requests);
    }
}
