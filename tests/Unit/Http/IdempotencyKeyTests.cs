using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class IdempotencyKeyTests
{
    private readonly MockTransport _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client(bool auto = true) => new(new HTTPClientOptions
    {
        MessageHandler = _server,
        AutoIdempotencyKeys = auto,
        Retry = new RetryOptions { BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero },
    });

    private string?[] Keys => [.. _server.Calls.Select(call => call.Headers["Idempotency-Key"])];

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    public async Task Idempotency_key_is_sent_by_default_stable_over_attempts_and_redirects_and_new_for_each_call(string method)
    {
        _server.When(method, "*").Reply(503).Reply(new MockReply { Status = 307, Headers = new() { ["Location"] = "/there" } }).Reply(200);
        using var client = Client();
        for (var i = 0; i < 2; i++)
            (await client.SendAsync(new Request(method, "http://api.test/here") { Body = RequestBody.Text("x") }, Stop)).Dispose();
        Assert.Equal(["/here", "/here", "/there", "/here"], _server.Calls.Select(call => call.Url.AbsolutePath));
        Assert.True(Guid.TryParse(Keys[0], out _));
        Assert.Equal([Keys[0], Keys[0], Keys[0]], Keys[..3]);
        Assert.NotEqual(Keys[0], Keys[3]);
    }

    [Fact]
    public async Task Callers_own_key_stays_and_other_methods_and_clients_get_none()
    {
        _server.When("*", "*");
        using var client = Client();
        await client.PostAsync("http://api.test/", options: new() { IdempotencyKey = "own" }, cancellationToken: Stop);
        await client.PostAsync("http://api.test/", options: new() { Headers = new() { ["idempotency-key"] = "field" } }, cancellationToken: Stop);
        await client.GetAsync("http://api.test/", cancellationToken: Stop);
        await client.PutAsync("http://api.test/", RequestBody.Text("x"), cancellationToken: Stop);
        using var plain = Client(auto: false);
        await plain.PostAsync("http://api.test/", cancellationToken: Stop);
        Assert.Equal(["own", "field", null, null, null], Keys);
    }

    [Fact]
    public async Task Key_among_the_fields_makes_a_post_repeatable_too()
    {
        _server.When("POST", "*").Reply(503).Reply(200);
        using var client = Client(auto: false);
        using var response = await client.PostAsync("http://api.test/", RequestBody.Text("x"), new() { Headers = new() { ["Idempotency-Key"] = "field" } }, Stop);
        Assert.Equal(200, response.Status);
        Assert.Equal(["field", "field"], Keys);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("own", "field")]
    public async Task Empty_key_and_two_keys_are_refused(string key, string? field)
    {
        using var client = Client(auto: false);
        var options = new RequestOptions { IdempotencyKey = key, Headers = field is null ? null : new() { ["Idempotency-Key"] = field } };
        var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => client.PostAsync("http://api.test/", RequestBody.Text("x"), options, Stop));
        Assert.Equal("RequestOptions.IdempotencyKey", error.ParamName);
        Assert.Empty(_server.Calls);
    }
}
