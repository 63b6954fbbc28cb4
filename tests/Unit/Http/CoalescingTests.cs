using System.Globalization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class CoalescingTests
{
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MockTransport _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client() => new(new HTTPClientOptions { MessageHandler = _server, CoalesceRequests = true, Retry = RetryOptions.None });

    private MockRoute Waiting(params MockReply[] replies)
    {
        var route = _server.When("GET", "*");
        foreach (var reply in replies)
        {
            route.Reply(async (_, _) =>
            {
                await _go.Task;
                return reply;
            });
        }
        return route;
    }

    [Fact]
    public async Task Identical_requests_under_way_are_sent_once()
    {
        var route = Waiting(MockReply.Text(200, "shared"));
        using var client = Client();
        var calls = Enumerable.Range(0, 20).Select(_ => client.GetAsync("http://service.test/", cancellationToken: Stop)).ToArray();
        _go.SetResult();
        var responses = await Task.WhenAll(calls);
        Assert.All(responses, response => Assert.Equal((200, "shared"), (response.Status, response.Text)));
        Assert.Equal(1, route.CallCount);
        (await client.GetAsync("http://service.test/", cancellationToken: Stop)).Dispose();
        Assert.Equal(2, route.CallCount);
    }

    [Fact]
    public async Task Requests_with_other_fields_or_credentials_are_not_shared()
    {
        var route = Waiting(MockReply.Text(200, "own"));
        using var client = Client();
        var alice = client.GetAsync("http://service.test/", new() { Headers = new() { ["Authorization"] = "Bearer alice" } }, Stop);
        var bob = client.GetAsync("http://service.test/", new() { Headers = new() { ["Authorization"] = "Bearer bob" } }, Stop);
        var post = client.StreamAsync("http://service.test/", cancellationToken: Stop);
        _go.SetResult();
        foreach (var response in await Task.WhenAll(alice, bob, post))
            response.Dispose();
        Assert.Equal(3, route.CallCount);
    }

    [Fact]
    public async Task First_callers_failure_or_cancellation_is_his_alone()
    {
        var route = Waiting(MockReply.Text(200, "cut") with { ResetAfter = 1 }, MockReply.Text(200, "whole"));
        using var client = Client();
        var first = client.GetAsync("http://service.test/", cancellationToken: Stop);
        var second = client.GetAsync("http://service.test/", cancellationToken: Stop);
        _go.SetResult();
        await Assert.ThrowsAnyAsync<NetworkException>(() => first);
        using var response = await second;
        Assert.Equal(("whole", 2), (response.Text, route.CallCount));
    }

    [Fact]
    public async Task Waiting_caller_can_be_cancelled_and_the_others_go_on()
    {
        Waiting(MockReply.Text(200, "shared"));
        using var client = Client();
        using var own = new CancellationTokenSource();
        var first = client.GetAsync("http://service.test/", cancellationToken: Stop);
        var second = client.GetAsync("http://service.test/", cancellationToken: own.Token);
        await own.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(own.Token, error.CancellationToken);
        _go.SetResult();
        Assert.Equal("shared", (await first).Text);
    }

    [Theory]
    [InlineData("204 No Content\r\n")]
    [InlineData("304 Not Modified\r\n")]
    [InlineData("304 Not Modified\r\nContent-Length: 5\r\n")]
    [InlineData("205 Reset Content\r\nContent-Length: 0\r\n")]
    [InlineData("200 OK\r\nContent-Length: 0\r\n")]
    public async Task Those_who_wait_for_an_answer_without_a_body_have_it_at_once(string head)
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await _go.Task;
            await peer.SendAsync($"HTTP/1.1 {head}\r\n", stop);
            await peer.StallAsync(stop);
        });
        using var client = new HTTPClient(RawAnswer.Options with { CoalesceRequests = true });
        var calls = Enumerable.Range(0, 3).Select(_ => client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).ToArray();
        _go.SetResult();
        var responses = await Task.WhenAll(calls);
        Assert.All(responses, response => Assert.Equal((int.Parse(head[..3], CultureInfo.InvariantCulture), 0), (response.Status, response.Content.Length)));
        Assert.Equal(1, server.ConnectionCount);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Those_who_wait_for_a_coded_answer_in_chunks_have_it_at_once(string coding)
    {
        var coded = HostileEncodingTests.Encode("shared"u8.ToArray(), coding);
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await _go.Task;
            await peer.SendAsync($"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nTransfer-Encoding: chunked\r\n\r\n{coded.Length:x}\r\n", stop);
            await peer.SendAsync(coded, stop);
            await peer.SendAsync("\r\n0\r\n\r\n", stop);
            await peer.StallAsync(stop);
        });
        using var client = new HTTPClient(RawAnswer.Options with { CoalesceRequests = true });
        var calls = Enumerable.Range(0, 3).Select(_ => client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).ToArray();
        _go.SetResult();
        Assert.All(await Task.WhenAll(calls), response => Assert.Equal("shared", response.Text));
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Identical_requests_that_are_redirected_send_each_hop_once()
    {
        // The jar is asked for each hop right before it is looked for among those under way.
        var hops = new CountingClock();
        var jar = new CookieJar(new CookieJarOptions { Clock = hops });
        jar.Set(new Uri("http://service.test/"), "a=1");
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrival = Waiting(new MockReply { Status = 302, Headers = new() { ["Location"] = "/there" } });
        var target = _server.When("GET", "/there").Reply(async (_, _) =>
        {
            await second.Task;
            return MockReply.Text(200, "shared");
        });
        using var client = new HTTPClient(RawAnswer.Options with { MessageHandler = _server, CoalesceRequests = true, Cookies = jar });
        var before = hops.Count;
        var calls = Enumerable.Range(0, 5).Select(_ => client.GetAsync("http://service.test/here", cancellationToken: Stop)).ToArray();
        var each = (hops.Count - before) / calls.Length;
        _go.SetResult();
        while (hops.Count < before + each * calls.Length * 2)
            await Task.Yield();
        await SettledAsync();
        second.SetResult();
        Assert.All(await Task.WhenAll(calls), response => Assert.Equal((200, "shared"), (response.Status, response.Text)));
        Assert.Equal((1, 1), (arrival.CallCount, target.CallCount));
    }

    [Fact]
    public async Task One_of_those_who_wait_takes_over_from_a_first_caller_who_is_cancelled()
    {
        // Who comes so late that the second request is over sends his own, which a busy machine makes happen now and then; two are enough once.
        var sent = int.MaxValue;
        for (var i = 0; sent > 2 && i < 50; i++)
            sent = await SentWithACancelledFirstAsync();
        Assert.Equal(2, sent);
    }

    private static async Task<int> SentWithACancelledFirstAsync()
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new MockTransport();
        var route = server.When("GET", "*")
            .Reply(async (_, stop) =>
            {
                await Task.Delay(Timeout.Infinite, stop);
                return new MockReply();
            })
            .Reply(async (_, _) =>
            {
                taken.TrySetResult();
                await go.Task;
                return MockReply.Text(200, "shared");
            });
        using var client = new HTTPClient(RawAnswer.Options with { MessageHandler = server, CoalesceRequests = true });
        using var own = new CancellationTokenSource();
        var first = client.GetAsync("http://service.test/", cancellationToken: own.Token);
        var others = Enumerable.Range(0, 20).Select(_ => client.GetAsync("http://service.test/", cancellationToken: Stop)).ToArray();
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await taken.Task;
        await SettledAsync();
        go.SetResult();
        Assert.All(await Task.WhenAll(others), response => Assert.Equal((200, "shared"), (response.Status, response.Text)));
        return route.CallCount;
    }

    /// <summary>Lets what is ready to run, run.</summary>
    private static async Task SettledAsync()
    {
        // Until no thread has anything left in its own queue either, however busy the other tests keep the pool.
        for (var i = 0; i < 500 || (ThreadPool.PendingWorkItemCount > 0 && i < 200_000); i++)
            await Task.Run(static () => { }, Stop);
    }

    private sealed class CountingClock : TimeProvider
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Increment(ref _count);
            return DateTimeOffset.UnixEpoch;
        }
    }
}
