using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>The platform's HttpClient, and so every SDK on it, sending through an HTTPClient.</summary>
public class MessageHandlerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static HttpClient Over(HTTPClient client) => new(client.ToMessageHandler(ownsClient: true), disposeHandler: true);

    [Fact]
    public async Task HttpClient_sends_through_the_client_and_gets_its_answer()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var http = Over(new HTTPClient(RawAnswer.Options with { UserAgent = "ours/1" }));
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Url + "post") { Content = new StringContent("hello", Encoding.UTF8, "text/plain") };
        request.Headers.Add("X-Own", ["a", "b"]);
        using var response = await http.SendAsync(request, Stop);
        var echo = await response.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("hello", echo);
        Assert.Contains("text/plain; charset=utf-8", echo);
        Assert.Contains("ours/1", echo);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var seen = Assert.Single(server.Requests);
        Assert.Equal("5", seen.Headers["Content-Length"]);
    }

    [Theory]
    [InlineData("anything?q=a b")]
    [InlineData("anything?q=ü")]
    [InlineData("anything/a b")]
    [InlineData("anything#part")]
    [InlineData("anything/a%2Fb?q=%20+")]
    public async Task Url_is_taken_as_the_platform_takes_it(string url)
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var plain = new HttpClient();
        using var http = Over(new HTTPClient(RawAnswer.Options));
        foreach (var sender in new[] { plain, http })
        {
            using var response = await sender.GetAsync(server.Url + url, Stop);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        Assert.Equal(server.Requests[0].Target, server.Requests[1].Target);
    }

    [Fact]
    public async Task Decoded_body_no_longer_claims_to_be_coded()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var http = Over(new HTTPClient(RawAnswer.Options));
        using var response = await http.GetAsync(server.Url + "gzip", Stop);
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.StartsWith("{", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Policy_denial_reaches_the_sdk_as_its_own_kind_of_error_with_ours_inside()
    {
        using var http = Over(new HTTPClient(RawAnswer.Options with { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } }));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("http://169.254.169.254/latest/", Stop));
        Assert.Equal(ErrorCodes.PolicyDenied, Assert.IsType<PolicyException>(error.InnerException).Code);
    }

    [Theory]
    [InlineData(ErrorCodes.TcpRefused, HttpRequestError.ConnectionError)]
    [InlineData(ErrorCodes.DnsNotFound, HttpRequestError.NameResolutionError)]
    [InlineData(ErrorCodes.TlsExpired, HttpRequestError.SecureConnectionError)]
    [InlineData(ErrorCodes.ProxyAuthentication, HttpRequestError.ProxyTunnelError)]
    [InlineData(ErrorCodes.TcpClosedEarly, HttpRequestError.ResponseEnded)]
    [InlineData(ErrorCodes.HttpMalformed, HttpRequestError.InvalidResponse)]
    public async Task Failure_has_the_platforms_name(string code, HttpRequestError name)
    {
        var mock = new MockTransport();
        mock.When("*", "*").Reply(MockReply.Fail(code));
        using var http = Over(new HTTPClient(new HTTPClientOptions { MessageHandler = mock, Retry = RetryOptions.None }));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("http://service.test/", Stop));
        Assert.Equal((name, code), (error.HttpRequestError, Assert.IsType<NetworkException>(error.InnerException, exactMatch: false).Code));
    }

    [Fact]
    public async Task Timeout_looks_like_the_platforms_timeout()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var http = Over(new HTTPClient(RawAnswer.Options with { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromMilliseconds(50) }, Retry = RetryOptions.None }));
        var error = await Assert.ThrowsAsync<TaskCanceledException>(() => http.GetAsync(server.Url + "delay/30", Stop));
        var timeout = Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Equal(ErrorCodes.TimeoutFirstByte, Assert.IsType<NetworkTimeoutException>(timeout.InnerException).Code);
    }

    [Fact]
    public async Task Callers_own_cancellation_stays_his()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var http = Over(new HTTPClient(RawAnswer.Options));
        using var own = new CancellationTokenSource();
        var call = http.GetAsync(server.Url + "delay/30", own.Token);
        await own.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(own.Token.IsCancellationRequested && error.InnerException is not TimeoutException);
    }

    [Fact]
    public async Task Broken_body_is_an_IOException_with_ours_inside()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var mock = new MockTransport();
        mock.When("*", "*").Reply(MockReply.Text(200, "half of it") with { ResetAfter = 4 });
        using var http = Over(new HTTPClient(new HTTPClientOptions { MessageHandler = mock }));
        using var response = await http.GetAsync("http://service.test/", HttpCompletionOption.ResponseHeadersRead, Stop);
        await using var body = await response.Content.ReadAsStreamAsync(Stop);
        await body.ReadExactlyAsync(new byte[4], Stop);
        var error = await Assert.ThrowsAsync<IOException>(async () => await body.ReadExactlyAsync(new byte[16], Stop));
        Assert.IsType<ConnectionException>(error.InnerException);
    }

    [Fact]
    public async Task Bytes_are_sent_again_by_the_retry_and_a_stream_is_not()
    {
        var mock = new MockTransport();
        mock.When("PUT", "/bytes").Reply(503).Reply(200);
        mock.When("PUT", "/stream").Reply(503).Reply(200);
        using var http = Over(new HTTPClient(new HTTPClientOptions { MessageHandler = mock, Retry = RetryOptions.Default with { BaseDelay = TimeSpan.FromMilliseconds(1) } }));
        using var again = await http.PutAsync("http://service.test/bytes", new ByteArrayContent("x"u8.ToArray()), Stop);
        using var once = await http.PutAsync("http://service.test/stream", new StreamContent(new MemoryStream("x"u8.ToArray())), Stop);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (again.StatusCode, once.StatusCode));
    }

    [Fact]
    public void Blocking_calls_work_for_sdks_that_have_them()
    {
        var mock = new MockTransport();
        mock.When("GET", "/").Reply(200, "\"text\"");
        using var http = Over(new HTTPClient(new HTTPClientOptions { MessageHandler = mock }));
        using var response = http.Send(new HttpRequestMessage(HttpMethod.Get, "http://service.test/"), Stop);
        using var reader = new StreamReader(response.Content.ReadAsStream(Stop));
        Assert.Equal("\"text\"", reader.ReadToEnd());
    }

    [Fact]
    public async Task Clients_credentials_are_added_and_stay_on_their_origin()
    {
        var mock = new MockTransport();
        mock.When("*", "*").Reply(200);
        using var http = Over(new HTTPClient(new HTTPClientOptions { MessageHandler = mock, Credential = Credential.Bearer("token", "http://api.test") }));
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("sdk", "2"));
        (await http.GetAsync("http://api.test/", Stop)).Dispose();
        (await http.GetAsync("http://other.test/", Stop)).Dispose();
        Assert.Equal(["Bearer token", null], mock.Calls.Select(call => call.Headers["Authorization"]));
        Assert.All(mock.Calls, call => Assert.Equal("sdk/2", call.Headers["User-Agent"]));
    }
}
