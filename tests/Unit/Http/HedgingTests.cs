using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class HedgingTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly MockTransport _server;
    private readonly List<CancellationToken> _tokens = [];

    public HedgingTests() => _server = new MockTransport(_clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClientOptions Options => new()
    {
        MessageHandler = _server, Clock = _clock, Retry = RetryOptions.None, Hedging = new HedgingOptions { Delay = TimeSpan.FromSeconds(1) },
    };

    /// <summary>Replies that take so many seconds each.</summary>
    private MockRoute Taking(params (double Seconds, MockReply Reply)[] replies)
    {
        var route = _server.When("*", "*");
        foreach (var (seconds, reply) in replies)
        {
            route.Reply((_, stop) =>
            {
                _tokens.Add(stop);
                return new ValueTask<MockReply>(reply with { Delay = TimeSpan.FromSeconds(seconds) });
            });
        }
        return route;
    }

    private async Task<Response> RunAsync(Task<Response> call)
    {
        for (var i = 0; i < 200 && !call.IsCompleted; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        return await call.WaitAsync(RawAnswer.Patience);
    }

    [Fact]
    public async Task Second_attempt_starts_after_the_delay_wins_and_the_slow_one_is_cancelled()
    {
        var route = Taking((60, MockReply.Text(200, "slow")), (0.5, MockReply.Text(200, "fast")));
        using var client = new HTTPClient(Options);
        var call = client.GetAsync("http://api.test/", cancellationToken: Stop);
        Assert.Equal(1, route.CallCount);
        using var response = await RunAsync(call);
        Assert.Equal(("fast", 2), (response.Text, route.CallCount));
        Assert.True(SpinWait.SpinUntil(() => _tokens[0].IsCancellationRequested, RawAnswer.Patience));
        Assert.False(_tokens[1].IsCancellationRequested);
    }

    [Fact]
    public async Task First_attempt_that_answers_in_time_stays_alone()
    {
        var route = Taking((0.9, MockReply.Text(200, "first")));
        using var client = new HTTPClient(Options);
        for (var i = 1; i <= 20; i++)
        {
            using var response = await RunAsync(client.GetAsync("http://api.test/", cancellationToken: Stop));
            Assert.Equal(("first", i), (response.Text, route.CallCount));
        }
    }

    [Fact]
    public async Task First_attempt_may_still_win_and_the_second_is_cancelled()
    {
        var route = Taking((1.5, MockReply.Text(200, "first")), (60, MockReply.Text(200, "second")));
        using var client = new HTTPClient(Options);
        using var response = await RunAsync(client.GetAsync("http://api.test/", cancellationToken: Stop));
        Assert.Equal(("first", 2), (response.Text, route.CallCount));
        Assert.True(SpinWait.SpinUntil(() => _tokens[1].IsCancellationRequested, RawAnswer.Patience));
    }

    [Fact]
    public async Task Answer_that_is_worth_a_retry_does_not_win_while_the_other_is_under_way()
    {
        Taking((2, MockReply.Text(200, "good")), (0.1, MockReply.Text(503, "busy")));
        using var client = new HTTPClient(Options);
        Assert.Equal("good", (await RunAsync(client.GetAsync("http://api.test/", cancellationToken: Stop))).Text);
    }

    [Fact]
    public async Task Where_neither_is_usable_the_first_one_counts_and_an_answer_more_than_an_error()
    {
        Taking((2, MockReply.Text(503, "first")), (0.1, MockReply.Text(500, "second")), (2, MockReply.Fail(ErrorCodes.TcpReset)), (0.1, MockReply.Text(502, "fourth")),
            (2, MockReply.Fail(ErrorCodes.TcpRefused)), (0.1, MockReply.Fail(ErrorCodes.TcpReset)));
        using var client = new HTTPClient(Options);
        Assert.Equal("first", (await RunAsync(client.GetAsync("http://api.test/", cancellationToken: Stop))).Text);
        Assert.Equal("fourth", (await RunAsync(client.GetAsync("http://api.test/", cancellationToken: Stop))).Text);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => RunAsync(client.GetAsync("http://api.test/", cancellationToken: Stop)));
        Assert.Equal(ErrorCodes.TcpRefused, error.Code);
    }

    [Theory]
    [InlineData("POST", false)]
    [InlineData("PATCH", false)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    [InlineData("HEAD", true)]
    public async Task Only_idempotent_methods_are_hedged_and_the_second_request_equals_the_first(string method, bool hedged)
    {
        var route = Taking((5, new MockReply()), (0.1, new MockReply()));
        using var client = new HTTPClient(Options with { Credential = Credential.Bearer("t0ken") });
        using var response = await RunAsync(client.SendAsync(new Request(method, "http://api.test/x") { Body = method == "PUT" ? RequestBody.Text("payload") : null }, Stop));
        Assert.Equal(hedged ? 2 : 1, route.CallCount);
        Assert.All(_server.Calls, call =>
        {
            Assert.Equal("Bearer t0ken", call.Headers["Authorization"]);
            Assert.Equal(method == "PUT" ? "payload" : "", call.Text);
            Assert.Equal(_server.Calls[0].Headers.Select(field => field.Key), call.Headers.Select(field => field.Key));
        });
    }

    [Fact]
    public async Task Each_of_the_two_is_signed_for_itself_and_has_the_callers_fields_of_the_body()
    {
        Taking((5, new MockReply()), (0.1, new MockReply()));
        var signed = Credential.Signed(new NonceSigner(), "X-Signature", "http://api.test");
        using var client = new HTTPClient(Options with { Credential = signed });
        var special = new RequestOptions { Headers = new() { ["Content-Type"] = "application/special" } };
        using var response = await RunAsync(client.PutAsync("http://api.test/x", RequestBody.Text("payload"), special, Stop));
        Assert.Equal(["nonce-1", "nonce-2"], _server.Calls.SelectMany(call => call.Headers.GetAll("X-Signature")));
        Assert.All(_server.Calls, call => Assert.Equal(("application/special", "payload"), (call.Headers["Content-Type"], call.Text)));
    }

    [Fact]
    public async Task Body_that_can_be_read_once_is_not_hedged()
    {
        var route = Taking((5, new MockReply()));
        using var client = new HTTPClient(Options);
        using var response = await RunAsync(client.PutAsync("http://api.test/", RequestBody.OneShot(new MemoryStream("x"u8.ToArray())), cancellationToken: Stop));
        Assert.Equal(1, route.CallCount);
    }

    [Fact]
    public async Task Hedges_keep_to_the_limits_of_the_host()
    {
        var route = Taking((3, new MockReply()));
        using var client = new HTTPClient(Options with { HostLimits = new HostLimitOptions { Concurrency = 1 } });
        for (var i = 1; i <= 20; i++)
        {
            using var response = await RunAsync(client.GetAsync("http://api.test/", cancellationToken: Stop));
            Assert.Equal(i, route.CallCount);
        }
        using var wider = new HTTPClient(Options with { HostLimits = new HostLimitOptions { Concurrency = 20, MaxWait = TimeSpan.Zero } });
        for (var i = 0; i < 5; i++)
            (await RunAsync(wider.GetAsync("http://api.test/", cancellationToken: Stop))).Dispose();
        Assert.Equal(30, route.CallCount);
    }

    [Fact]
    [Trait("Cve", "31")]
    public async Task Hedges_are_paid_from_the_retry_budget_so_a_slow_host_gets_little_more_traffic()
    {
        var route = Taking((1.2, new MockReply()));
        using var client = new HTTPClient(Options with { Retry = new RetryOptions() });
        for (var i = 0; i < 200; i++)
            (await RunAsync(client.GetAsync("http://api.test/", cancellationToken: Stop))).Dispose();
        Assert.InRange(route.CallCount, 210, 240);
    }

    [Fact]
    public async Task Callers_cancellation_ends_both()
    {
        Taking((60, new MockReply()), (60, new MockReply()));
        using var client = new HTTPClient(Options);
        using var own = new CancellationTokenSource();
        var call = client.GetAsync("http://api.test/", cancellationToken: own.Token);
        _clock.Advance(TimeSpan.FromSeconds(1.5));
        Assert.True(SpinWait.SpinUntil(() => _tokens.Count == 2, RawAnswer.Patience));
        await own.CancelAsync();
        Assert.Equal(own.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(RawAnswer.Patience))).CancellationToken);
        Assert.All(_tokens, token => Assert.True(token.IsCancellationRequested));
    }

    private sealed class NonceSigner : RequestSigner
    {
        private int _nonce;

        public override ValueTask SignAsync(RequestToSign request, CancellationToken cancellationToken)
        {
            request.SetHeader("X-Signature", $"nonce-{Interlocked.Increment(ref _nonce)}");
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public async Task Over_a_real_connection_the_winner_is_the_one_that_is_described()
    {
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = 0;
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", async exchange =>
        {
            if (Interlocked.Increment(ref asked) == 1)
                await slow.Task.WaitAsync(exchange.Aborted);
            await exchange.RespondAsync(200, "second");
        });
        using var client = new HTTPClient(RawAnswer.Options with { Hedging = new HedgingOptions { Delay = TimeSpan.FromMilliseconds(30) } });
        for (var i = 0; i < 5; i++)
        {
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
            Assert.Equal("second", response.Text);
            Assert.NotNull(response.RemoteAddress);
        }
        slow.TrySetResult();
    }
}
