using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Operations that a service goes on with after it has answered.</summary>
public class LongRunningTests
{
    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly MockTransport _service;
    private readonly List<LongRunningProgress> _told = [];

    public LongRunningTests() => _service = new MockTransport(_clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClientOptions Options => new() { MessageHandler = _service, Clock = _clock, Timeouts = Timeouts.Default with { Total = Timeout.InfiniteTimeSpan } };

    private static MockReply Accepted(string field, string url, string? after = null) =>
        new() { Status = 202, Headers = after is null ? new HeaderMap { [field] = url } : new HeaderMap { [field] = url, ["Retry-After"] = after } };

    [Theory]
    [InlineData("Operation-Location")]
    [InlineData("Azure-AsyncOperation")]
    public async Task Operation_is_asked_for_until_its_state_is_final_and_then_the_resource(string field)
    {
        _service.When("PUT", "*/thing").Reply(Accepted(field, "/operations/1?api-version=2", "10"));
        _service.When("GET", "*/operations/1*").Reply(200, """{"status":"InProgress","percentComplete":40}""").Reply(200, """{"status":"Succeeded"}""");
        _service.When("GET", "*/thing").Reply(200, """{"name":"thing"}""");
        using var client = new HTTPClient(Options);
        using var response = await FinishAsync(client, new Request("PUT", "https://api.test/thing") { Body = RequestBody.Text("{}", "application/json") });
        Assert.Equal("thing", response.Json().GetProperty("name").GetString());
        Assert.Equal([("202 Accepted", null, 0), ("InProgress", 40d, 1)], _told.Select(told => (told.Status, told.PercentComplete, told.Polls)));
        Assert.Equal(["PUT /thing", "GET /operations/1", "GET /operations/1", "GET /thing"], _service.Calls.Select(call => $"{call.Method} {call.Url.AbsolutePath}"));
    }

    [Fact]
    public async Task Location_is_asked_until_it_answers_otherwise_than_202()
    {
        _service.When("POST", "*").Reply(Accepted("Location", "https://api.test/results/1"));
        _service.When("GET", "*/results/1").Reply(202).Reply(Accepted("Location", "/results/2"));
        _service.When("GET", "*/results/2").Reply(200, "\"made\"");
        using var client = new HTTPClient(Options);
        using var response = await FinishAsync(client, new Request("POST", "https://api.test/make"));
        Assert.Equal(("\"made\"", 4), (response.Text, _service.Calls.Count));
    }

    [Fact]
    public async Task Action_with_both_fields_is_watched_at_the_one_and_fetched_from_the_other()
    {
        _service.When("POST", "*").Reply(new MockReply { Status = 202, Headers = new HeaderMap { ["Operation-Location"] = "/operations/1", ["Location"] = "/results/1" } });
        _service.When("GET", "*/operations/1").Reply(200, """{"status":"Running"}""").Reply(200, """{"status":"succeeded"}""");
        _service.When("GET", "*/results/1").Reply(200, "\"made\"");
        using var client = new HTTPClient(Options);
        using var response = await FinishAsync(client, new Request("POST", "https://api.test/make"));
        Assert.Equal("\"made\"", response.Text);
    }

    [Fact]
    public async Task Resource_that_names_its_provisioning_state_is_asked_itself()
    {
        _service.When("PUT", "*").Reply(201, """{"properties":{"provisioningState":"Creating"}}""");
        _service.When("GET", "*").Reply(200, """{"properties":{"provisioningState":"Updating"}}""").Reply(200, """{"properties":{"provisioningState":"Succeeded"}}""");
        using var client = new HTTPClient(Options);
        using var response = await FinishAsync(client, new Request("PUT", "https://api.test/thing"));
        Assert.Equal(3, _service.Calls.Count);
        Assert.Contains("Succeeded", response.Text);
    }

    [Theory]
    [InlineData(200, """{"status":"shipped"}""")]
    [InlineData(201, """{"properties":{"provisioningState":"Succeeded"}}""")]
    [InlineData(202, "")]
    [InlineData(204, "")]
    public async Task Answer_that_starts_nothing_is_the_result(int status, string body)
    {
        _service.When("POST", "*").Reply(status, body);
        using var client = new HTTPClient(Options);
        using var response = await client.RunToEndAsync(new Request("POST", "https://api.test/"), cancellationToken: Stop);
        Assert.Equal((status, 1), (response.Status, _service.Calls.Count));
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Canceled")]
    public async Task Failed_operation_is_an_error_with_what_the_service_says(string state)
    {
        _service.When("POST", "*").Reply(Accepted("Operation-Location", "/operations/1"));
        _service.When("GET", "*").Reply(200, $$$"""{"status":"{{{state}}}","error":{"code":"QuotaExceeded","message":"no more"}}""");
        using var client = new HTTPClient(Options);
        var error = await Assert.ThrowsAsync<HTTPException>(() => FinishAsync(client, new Request("POST", "https://api.test/make")));
        Assert.Equal((ErrorCodes.HttpOperationFailed, false), (error.Code, error.IsTransient));
        Assert.Contains($"'{state}': QuotaExceeded no more", error.Message);
    }

    [Fact]
    public async Task Waits_are_those_that_the_service_asks_for_and_grow_by_themselves_otherwise()
    {
        _service.When("POST", "*").Reply(Accepted("Location", "/r", "7"));
        _service.When("GET", "*").Reply(new MockReply { Status = 202, Headers = new HeaderMap { ["retry-after-ms"] = "500" } }).Reply(202).Reply(202).Reply(new MockReply { Status = 202, Headers = new HeaderMap { ["Retry-After"] = "86400" } }).Reply(200);
        using var client = new HTTPClient(Options);
        using var response = await FinishAsync(client, new Request("POST", "https://api.test/make"));
        Assert.Equal([0, 7, 7.5, 8.5, 10], _told.Select(told => told.Elapsed.TotalSeconds));
        // The longest wait holds against the service too.
        Assert.Equal(70, (_clock.GetUtcNow() - new FakeTimeProvider().GetUtcNow()).TotalSeconds, 1d);
    }

    [Fact]
    public async Task Deadline_that_comes_before_the_next_question_fails_at_once_and_names_the_state()
    {
        _service.When("POST", "*").Reply(Accepted("Operation-Location", "/operations/1", "5"));
        _service.When("GET", "*").Reply(new MockReply { Body = """{"status":"Running"}"""u8.ToArray(), Headers = new HeaderMap { ["Retry-After"] = "30" } });
        using var client = new HTTPClient(Options);
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => FinishAsync(client, new Request("POST", "https://api.test/make"), new LongRunningOptions { Timeout = TimeSpan.FromSeconds(20) }));
        Assert.Equal((TimeoutKind.Total, NetworkPhase.Wait), (error.Kind, error.Phase));
        Assert.Contains("'Running' after 5 s and 1 questions", error.Message);
    }

    [Fact]
    public async Task Question_that_fails_is_retried_like_any_get()
    {
        _service.When("POST", "*").Reply(Accepted("Location", "/r"));
        _service.When("GET", "*").Reply(503).Reply(MockReply.Fail(ErrorCodes.TcpReset)).Reply(200);
        using var client = new HTTPClient(Options with { Retry = Options.Retry with { BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero } });
        using var response = await FinishAsync(client, new Request("POST", "https://api.test/make"));
        Assert.Equal((200, 4), (response.Status, _service.Calls.Count));
    }

    [Theory]
    [InlineData("https://evil.test/operations/1")]
    [InlineData("http://api.test/operations/1")]
    [InlineData("ftp://api.test/")]
    public async Task Address_of_another_origin_is_refused(string url)
    {
        _service.When("POST", "*").Reply(Accepted("Operation-Location", url));
        using var client = new HTTPClient(Options);
        var error = await Assert.ThrowsAsync<HTTPException>(() => FinishAsync(client, new Request("POST", "https://api.test/make")));
        Assert.Equal((ErrorCodes.HttpRedirectRefused, 1), (error.Code, _service.Calls.Count));
    }

    [Fact]
    public async Task Allowed_other_origin_gets_none_of_the_requests_secrets()
    {
        _service.When("POST", "*").Reply(Accepted("Operation-Location", "https://other.test/operations/1"));
        _service.When("GET", "*").Reply(200, """{"status":"Succeeded"}""");
        using var client = new HTTPClient(Options with { Credential = Credential.Bearer("secret-1") });
        var request = new Request("POST", "https://api.test/make") { Options = new RequestOptions { Headers = new HeaderMap { ["X-Api-Key"] = "secret-2", ["X-Trace"] = "on" }, IdempotencyKey = "once" } };
        using var response = await FinishAsync(client, request, new LongRunningOptions { AllowOtherOrigins = true });
        var asked = _service.Calls[1];
        Assert.Equal("on", asked.Headers["X-Trace"]);
        Assert.All(["Authorization", "X-Api-Key", "Idempotency-Key"], name => Assert.Null(asked.Headers[name]));
    }

    [Fact]
    public async Task Secrets_of_the_request_stay_behind_where_a_redirect_led_elsewhere()
    {
        _service.When("PUT", "https://api.test/*").Reply(new MockReply { Status = 307, Headers = new HeaderMap { ["Location"] = "https://other.test/thing" } });
        _service.When("PUT", "https://other.test/*").Reply(Accepted("Location", "/r"));
        _service.When("GET", "*").Reply(200);
        using var client = new HTTPClient(Options);
        var request = new Request("PUT", "https://api.test/thing") { Options = new RequestOptions { Headers = new HeaderMap { ["X-Api-Key"] = "secret" } } };
        using var response = await FinishAsync(client, request);
        Assert.Equal(["secret", null, null], _service.Calls.Select(call => call.Headers["X-Api-Key"]));
    }

    [Fact]
    public async Task Place_of_what_was_made_is_not_judged_where_nothing_goes_on()
    {
        _service.When("POST", "*").Reply(new MockReply { Status = 201, Headers = new HeaderMap { ["Location"] = "https://elsewhere.test/made" } });
        using var client = new HTTPClient(Options);
        using var response = await client.RunToEndAsync(new Request("POST", "https://api.test/"), cancellationToken: Stop);
        Assert.Equal((201, 1), (response.Status, _service.Calls.Count));
    }

    [Fact]
    public async Task Operation_of_an_earlier_process_is_waited_for_by_its_address()
    {
        _service.When("GET", "*/operations/1").Reply(200, """{"status":"Running"}""").Reply(200, """{"status":"Succeeded","resourceLocation":"/things/1"}""");
        _service.When("GET", "*/things/1").Reply(200, "\"made\"");
        using var client = new HTTPClient(Options);
        var waiting = client.WaitForAsync("https://api.test/operations/1", cancellationToken: Stop);
        await AdvanceUntilAsync(waiting);
        using var response = await waiting;
        Assert.Equal("\"made\"", response.Text);
    }

    [Fact]
    public async Task Cancelling_ends_the_waiting()
    {
        _service.When("POST", "*").Reply(Accepted("Location", "/r", "60"));
        using var client = new HTTPClient(Options);
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var waiting = client.RunToEndAsync(new Request("POST", "https://api.test/make"), cancellationToken: mine.Token);
        await mine.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Settings_that_make_no_sense_are_refused()
    {
        using var client = new HTTPClient(Options);
        Assert.Equal("LongRunningOptions.Interval", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.RunToEndAsync(new Request("GET", "https://a/"), new LongRunningOptions { Interval = TimeSpan.Zero }, Stop))).ParamName);
    }

    private async Task<Response> FinishAsync(HTTPClient client, Request request, LongRunningOptions? options = null)
    {
        var call = client.RunToEndAsync(request, (options ?? new LongRunningOptions()) with { Progress = new Told(_told) }, Stop);
        await AdvanceUntilAsync(call);
        return await call;
    }

    // The calls run on this thread up to a wait, so time may pass whenever one is not over.
    private async Task AdvanceUntilAsync(Task call)
    {
        for (var i = 0; i < 100_000 && !call.IsCompleted; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    private sealed class Told(List<LongRunningProgress> told) : IProgress<LongRunningProgress>
    {
        public void Report(LongRunningProgress value) => told.Add(value);
    }
}
