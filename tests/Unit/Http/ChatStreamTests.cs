using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A model's stream in both common shapes, whole and gone wrong.</summary>
public class ChatStreamTests
{
    private static readonly Dictionary<string, TerminalEvent> Ends = new()
    {
        ["v1/chat/completions"] = TerminalEvent.Data("[DONE]"),
        ["v1/messages"] = TerminalEvent.OfType("message_stop"),
    };

    public static TheoryData<string> Shapes => [.. Ends.Keys];

    private static Request Ask(ChatServer server, string path) => new("POST", server.Url + path)
    {
        Body = RequestBody.Bytes("""{"model":"test-model","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}"""u8.ToArray(), "application/json"),
        Options = new RequestOptions { Timeouts = Timeouts.Default with { Idle = TimeSpan.FromMilliseconds(300) } },
    };

    private static async Task<(List<ServerSentEvent> Events, NetworkException? Error, int Requests)> ReadAsync(string path, params ChatReply[] replies)
    {
        await using var server = ChatServer.Start();
        foreach (var reply in replies)
            server.Reply(reply);
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        var events = new List<ServerSentEvent>();
        try
        {
            await foreach (var item in client.EventsAsync(Ask(server, path), new EventStreamOptions { Until = Ends[path] }, TestContext.Current.CancellationToken))
                events.Add(item);
            return (events, null, server.Requests.Count);
        }
        catch (NetworkException error)
        {
            return (events, error, server.Requests.Count);
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task Typed_sse_stream_ends_with_its_terminal_event(string path)
    {
        var (events, error, _) = await ReadAsync(path, ChatReply.Text("Hel", "lo"));
        Assert.Null(error);
        Assert.True(events.Count >= 3);
        Assert.Contains(events, item => item.Data.Contains("\"lo\"", StringComparison.Ordinal));
        Assert.True(events[^1] is { Data: "[DONE]" } or { Type: "message_stop" });
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task Missing_terminal_event_is_an_error_with_the_partial(string path)
    {
        foreach (var fault in new[] { ChatFault.EndEarly, ChatFault.Cut })
        {
            var (events, error, requests) = await ReadAsync(path, ChatReply.Text("Hel", "lo") with { Fault = fault, FaultAfter = 2 }, ChatReply.Text("again"));
            var cut = Assert.IsType<StreamTruncatedException>(error);
            Assert.Equal((2, 2, 1), (events.Count, cut.Items, requests));
            Assert.Equal(fault == ChatFault.EndEarly, cut.InnerException is null);
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task Error_event_inside_200_is_given_out_before_the_stream_is_found_cut_off(string path)
    {
        var (events, error, _) = await ReadAsync(path, ChatReply.Text("Hel", "lo") with { Fault = ChatFault.ErrorEvent, FaultAfter = 2, Message = "overloaded" });
        Assert.Equal(3, events.Count);
        Assert.Contains("overloaded", events[^1].Data);
        Assert.Equal(3, Assert.IsType<StreamTruncatedException>(error).Items);
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task Stalled_stream_runs_into_the_idle_timeout(string path)
    {
        var (events, error, requests) = await ReadAsync(path, ChatReply.Text("Hel", "lo") with { Fault = ChatFault.Stall, FaultAfter = 1 });
        Assert.Equal(TimeoutKind.Idle, Assert.IsType<NetworkTimeoutException>(error).Kind);
        Assert.Equal((1, 1), (events.Count, requests));
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task Refusal_of_a_stream_shows_what_the_service_said(string path)
    {
        var (events, error, _) = await ReadAsync(path, ChatReply.Fail(400) with { Message = "too many tokens" });
        Assert.Empty(events);
        Assert.Contains("too many tokens", Assert.IsType<HTTPException>(error).BodyExcerpt);
    }
}
