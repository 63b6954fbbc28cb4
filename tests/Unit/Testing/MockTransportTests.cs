using System.IO.Compression;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public class MockTransportTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static HTTPClient Client(MockTransport mock) => new(new HTTPClientOptions
    {
        MessageHandler = mock,
        Retry = RetryOptions.Default with { BaseDelay = TimeSpan.FromMilliseconds(1) },
    });

    [Fact]
    public async Task Mock_answers_without_a_socket_and_keeps_the_call_history()
    {
        var mock = new MockTransport();
        mock.When("POST", "https://api.example.com/orders").Reply(201, """{"id":7}""");
        using var client = Client(mock);
        using var response = await client.PostAsync("https://api.example.com/orders", RequestBody.Text("bolts"), new() { Headers = new() { ["X-Trace"] = "1" } }, Stop);
        Assert.Equal((201, 7), (response.Status, response.Json().GetProperty("id").GetInt32()));
        Assert.Null(response.RemoteAddress);
        var call = Assert.Single(mock.Calls);
        Assert.Equal(("POST", "bolts", "1"), (call.Method, call.Text, call.Headers["X-Trace"]));
    }

    [Fact]
    public async Task Mock_replies_in_turn_so_that_retries_can_be_tested()
    {
        var mock = new MockTransport();
        var route = mock.When("GET", "/flaky").Reply(MockReply.Fail(ErrorCodes.TcpReset)).Reply(503).Reply(200, "\"done\"");
        using var client = Client(mock);
        using var response = await client.GetAsync("http://service.test/flaky", cancellationToken: Stop);
        Assert.Equal((200, 3), (response.Status, route.CallCount));
        Assert.Equal([ErrorCodes.TcpReset, null, null], response.Attempts.Select(attempt => attempt.Code));
    }

    [Fact]
    public async Task Real_redirects_and_decoding_run_over_the_mock()
    {
        var coded = new MemoryStream();
        using (var gzip = new GZipStream(coded, CompressionMode.Compress, leaveOpen: true))
            gzip.Write("plain"u8);
        var mock = new MockTransport();
        mock.When("GET", "http://one.test/").Reply(new MockReply { Status = 302, Headers = new() { ["Location"] = "http://two.test/x" } });
        mock.When("GET", "http://two.test/*").Reply(new MockReply { Headers = new() { ["Content-Encoding"] = "gzip" }, Body = coded.ToArray() });
        using var client = Client(mock);
        using var response = await client.GetAsync("http://one.test/", new() { Headers = new() { ["Authorization"] = "Bearer secret" } }, Stop);
        Assert.Equal(("plain", 1), (response.Text, response.History.Count));
        Assert.Equal(["Bearer secret", null], mock.Calls.Select(call => call.Headers["Authorization"]));
    }

    [Fact]
    public async Task Mock_breaks_the_connection_within_the_body()
    {
        var mock = new MockTransport();
        mock.When("*", "*").Reply(MockReply.Text(200, "only half of it") with { ResetAfter = 4 });
        using var client = Client(mock);
        using var response = await client.StreamAsync("http://service.test/", new() { Retry = RetryOptions.None }, Stop);
        var body = response.OpenStream();
        var buffer = new byte[16];
        await body.ReadExactlyAsync(buffer.AsMemory(0, 4), Stop);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => body.ReadExactlyAsync(buffer, Stop).AsTask());
        Assert.Equal((ErrorCodes.TcpReset, WasSent.Yes), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task Delayed_mock_runs_into_the_first_byte_timeout()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var mock = new MockTransport(clock);
        mock.When("GET", "/slow").Reply(new MockReply { Delay = TimeSpan.FromMinutes(10) });
        using var client = new HTTPClient(new HTTPClientOptions { MessageHandler = mock, Clock = clock, Retry = RetryOptions.None });
        var call = client.GetAsync("http://service.test/slow", cancellationToken: Stop);
        clock.Advance(Timeouts.Default.FirstByte + TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => call);
        Assert.Equal((ErrorCodes.TimeoutFirstByte, WasSent.Maybe), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task Request_without_a_route_names_the_routes_there_are()
    {
        var mock = new MockTransport();
        mock.When("GET", "/known");
        using var client = Client(mock);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetAsync("http://service.test/unknown", cancellationToken: Stop));
        Assert.Contains("GET http://service.test/unknown", error.Message);
        Assert.Contains("GET /known", error.Message);
    }

    [Fact]
    public async Task Restrictive_policy_refuses_a_foreign_handler_that_is_not_trusted()
    {
        var mock = new MockTransport();
        mock.When("*", "*").Reply(200);
        var options = new HTTPClientOptions { MessageHandler = mock, Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } };
        using var guarded = new HTTPClient(options);
        var error = await Assert.ThrowsAsync<PolicyException>(() => guarded.GetAsync("http://example.com/", cancellationToken: Stop));
        Assert.Contains("MessageHandlerTrustedForEgress", error.Message);
        Assert.Empty(mock.Calls);

        using var trusted = new HTTPClient(options with { MessageHandlerTrustedForEgress = true });
        Assert.Equal(200, (await trusted.GetAsync("http://example.com/", cancellationToken: Stop)).Status);
        await Assert.ThrowsAsync<PolicyException>(() => trusted.GetAsync("http://169.254.169.254/", cancellationToken: Stop));
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("/a/*", "/a/b", true)]
    [InlineData("/a/*", "/b/a/", false)]
    [InlineData("/a/*/c", "/a/b/c", true)]
    [InlineData("/a/*/c", "/a/c", false)]
    [InlineData("a*b*c", "aXbXbXc", true)]
    [InlineData("/exact", "/exact/more", false)]
    [InlineData("a*a", "a", false)]
    public void Pattern_matches(string pattern, string text, bool matches)
    {
        var mock = new MockTransport();
        mock.When("GET", "http://h.test/" + pattern);
        var message = new HttpRequestMessage(HttpMethod.Get, new Uri("http://h.test/" + text));
        using var invoker = new HttpMessageInvoker(mock);
        var answered = Record.Exception(() => invoker.SendAsync(message, Stop).GetAwaiter().GetResult()) is null;
        Assert.Equal(matches, answered);
    }
}
