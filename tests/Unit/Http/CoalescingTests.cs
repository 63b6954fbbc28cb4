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
}
