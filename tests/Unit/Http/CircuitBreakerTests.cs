using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class CircuitBreakerTests
{
    private static readonly CircuitBreakerOptions Rules = new() { MinimumThroughput = 4, FailureRatio = 0.5, BreakFor = TimeSpan.FromSeconds(10), SamplingWindow = TimeSpan.FromSeconds(10) };

    private readonly FakeTimeProvider _clock = new();
    private readonly MockTransport _server;
    private MockReply _reply = new();

    public CircuitBreakerTests()
    {
        _server = new MockTransport(_clock);
        _server.When("GET", "*").Reply((_, _) => new ValueTask<MockReply>(_reply));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client(RetryOptions? retry = null) =>
        new(new HTTPClientOptions { MessageHandler = _server, Clock = _clock, CircuitBreaker = Rules, Retry = retry ?? RetryOptions.None });

    private async Task<string> OutcomeAsync(HTTPClient client, string url = "http://api.test/")
    {
        try
        {
            using var response = await client.GetAsync(url, cancellationToken: Stop);
            return response.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (NetworkException error)
        {
            return error.Code;
        }
    }

    private async Task FailAsync(HTTPClient client, int times = 4)
    {
        for (var i = 0; i < times; i++)
            Assert.NotEqual(ErrorCodes.RateCircuitOpen, await OutcomeAsync(client));
    }

    [Theory]
    [InlineData(503, null)]
    [InlineData(200, ErrorCodes.TcpRefused)]
    [InlineData(200, ErrorCodes.TlsExpired)]
    [InlineData(200, ErrorCodes.DnsServerFailure)]
    public async Task Circuit_breaker_opens_for_a_host_that_fails_and_says_when_it_half_opens(int status, string? code)
    {
        _reply = new MockReply { Status = status, Failure = code is null ? null : new NetworkFailure { Code = code, Message = "x" } };
        using var client = Client();
        await FailAsync(client);
        _clock.Advance(TimeSpan.FromSeconds(4));
        var error = await Assert.ThrowsAsync<RateLimitException>(() => client.GetAsync("http://api.test/", cancellationToken: Stop));
        Assert.Equal((ErrorCodes.RateCircuitOpen, WasSent.Never, true, TimeSpan.FromSeconds(6)), (error.Code, error.WasSent, error.IsTransient, error.RetryAfter));
        Assert.Equal(_clock.GetUtcNow().AddSeconds(6), error.RetryAt);
        Assert.Equal(4, _server.Calls.Count);
        _reply = new MockReply();
        Assert.Equal("200", await OutcomeAsync(client, "http://other.test/"));
    }

    [Fact]
    public async Task Half_open_breaker_lets_one_request_try_and_closes_when_it_succeeds()
    {
        _reply = new MockReply { Status = 500 };
        using var client = Client();
        await FailAsync(client);
        _clock.Advance(Rules.BreakFor);
        _reply = new MockReply { Delay = TimeSpan.FromSeconds(1) };
        var probe = OutcomeAsync(client);
        Assert.Equal(ErrorCodes.RateCircuitOpen, await OutcomeAsync(client));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("200", await probe);
        _reply = new MockReply();
        for (var i = 0; i < 10; i++)
            Assert.Equal("200", await OutcomeAsync(client));
    }

    [Fact]
    public async Task Half_open_breaker_opens_again_when_its_one_request_fails()
    {
        _reply = new MockReply { Status = 500 };
        using var client = Client();
        await FailAsync(client);
        _clock.Advance(Rules.BreakFor);
        Assert.Equal("500", await OutcomeAsync(client));
        Assert.Equal(ErrorCodes.RateCircuitOpen, await OutcomeAsync(client));
        Assert.Equal(5, _server.Calls.Count);
    }

    [Fact]
    public async Task Half_open_breaker_whose_caller_gave_up_lets_another_try()
    {
        _reply = new MockReply { Status = 500 };
        using var client = Client();
        await FailAsync(client);
        _clock.Advance(Rules.BreakFor);
        _reply = new MockReply { Delay = TimeSpan.FromSeconds(1) };
        using var own = new CancellationTokenSource();
        var probe = client.GetAsync("http://api.test/", cancellationToken: own.Token);
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        _reply = new MockReply();
        Assert.Equal("200", await OutcomeAsync(client));
    }

    [Fact]
    public async Task Few_failures_among_successes_and_old_ones_do_not_open_it()
    {
        using var client = Client();
        for (var i = 0; i < 30; i++)
        {
            _reply = new MockReply { Status = i % 3 == 2 ? 503 : 200 };
            Assert.NotEqual(ErrorCodes.RateCircuitOpen, await OutcomeAsync(client));
        }
        _clock.Advance(Rules.SamplingWindow);
        _reply = new MockReply { Status = 503 };
        for (var i = 0; i < 3; i++)
        {
            await OutcomeAsync(client);
            _clock.Advance(TimeSpan.FromSeconds(4));
        }
        await FailAsync(client, 1);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(429)]
    public async Task Callers_own_faults_and_limits_are_no_failures_of_the_host(int status)
    {
        _reply = new MockReply { Status = status };
        using var client = Client();
        await FailAsync(client, 10);
        using var own = new CancellationTokenSource();
        _reply = new MockReply { Delay = TimeSpan.FromSeconds(5) };
        var calls = Enumerable.Range(0, 10).Select(_ => client.GetAsync("http://api.test/", cancellationToken: own.Token)).ToArray();
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(calls));
        _reply = new MockReply();
        Assert.Equal("200", await OutcomeAsync(client));
    }

    [Fact]
    public async Task Timeouts_count_as_failures()
    {
        _reply = new MockReply { Delay = TimeSpan.FromMinutes(10) };
        using var client = new HTTPClient(new HTTPClientOptions
        {
            MessageHandler = _server,
            Clock = _clock,
            CircuitBreaker = Rules with { SamplingWindow = TimeSpan.FromMinutes(10) },
            Retry = RetryOptions.None,
            Timeouts = new Timeouts { FirstByte = TimeSpan.FromSeconds(1) },
        });
        var calls = Enumerable.Range(0, 4).Select(_ => OutcomeAsync(client)).ToArray();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.All(await Task.WhenAll(calls), code => Assert.Equal(ErrorCodes.TimeoutFirstByte, code));
        Assert.Equal(ErrorCodes.RateCircuitOpen, await OutcomeAsync(client));
    }

    [Fact]
    public async Task Breaker_sits_below_retry_which_ends_when_it_opens()
    {
        _reply = new MockReply { Status = 503 };
        using var client = Client(new RetryOptions { Retries = 10, BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero });
        var error = await Assert.ThrowsAsync<RateLimitException>(() => client.GetAsync("http://api.test/", cancellationToken: Stop));
        Assert.Equal((ErrorCodes.RateCircuitOpen, 4, 4), (error.Code, _server.Calls.Count, error.Attempts.Count));
    }

    [Fact]
    public void Options_that_make_no_sense_name_the_property()
    {
        foreach (var (wrong, name) in new (CircuitBreakerOptions, string)[]
        {
            (new() { FailureRatio = 0 }, "FailureRatio"), (new() { FailureRatio = double.NaN }, "FailureRatio"), (new() { MinimumThroughput = 0 }, "MinimumThroughput"),
            (new() { SamplingWindow = TimeSpan.Zero }, "SamplingWindow"), (new() { BreakFor = TimeSpan.Zero }, "BreakFor"),
        })
            Assert.Contains($"CircuitBreakerOptions.{name}", Assert.Throws<ArgumentOutOfRangeException>(() => new HTTPClient(new HTTPClientOptions { CircuitBreaker = wrong })).Message);
    }
}
