using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Retries by the rules of those who run the services: codes in bodies and fields, and their ways to ask for a wait.</summary>
public class ProviderRetryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static HTTPClientOptions Cloud(MockTransport mock) => HTTPProfiles.Cloud with
    {
        MessageHandler = mock,
        Retry = HTTPProfiles.Cloud.Retry with { BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero },
    };

    [Theory]
    [InlineData(503, "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>")]
    [InlineData(400, """{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Rate exceeded"}""")]
    [InlineData(400, """{"__type":"ProvisionedThroughputExceededException"}""")]
    [InlineData(400, "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>")]
    [InlineData(409, """{"error":{"code":"TooManyRequests","message":"m"}}""")]
    public async Task Throttling_code_in_the_body_is_retried_whatever_the_status(int status, string body)
    {
        var mock = new MockTransport();
        mock.When("GET", "*").Reply(status, body).Reply(200);
        using var client = new HTTPClient(Cloud(mock));
        using var response = await client.GetAsync("https://service.test/", cancellationToken: Stop);
        Assert.Equal((200, 2), (response.Status, mock.Calls.Count));
    }

    [Theory]
    [InlineData("x-amzn-ErrorType", "ThrottlingException:http://internal.amazon.com/coral/")]
    [InlineData("x-ms-error-code", "ServerBusy")]
    public async Task Throttling_code_in_a_field_is_retried_for_streams_too(string name, string value)
    {
        var mock = new MockTransport();
        mock.When("GET", "*").Reply(new MockReply { Status = 400, Headers = new HeaderMap { [name] = value } }).Reply(200);
        using var client = new HTTPClient(Cloud(mock));
        using var response = await client.StreamAsync("https://service.test/", cancellationToken: Stop);
        Assert.Equal((200, 2), (response.Status, mock.Calls.Count));
    }

    [Theory]
    [InlineData(400, """{"__type":"ValidationException"}""")]
    [InlineData(403, "<Error><Code>AccessDenied</Code></Error>")]
    [InlineData(400, "ThrottlingException")]
    public async Task Other_codes_are_the_answer(int status, string body)
    {
        var mock = new MockTransport();
        mock.When("GET", "*").Reply(status, body);
        using var client = new HTTPClient(Cloud(mock));
        using var response = await client.GetAsync("https://service.test/", cancellationToken: Stop);
        Assert.Equal((status, 1), (response.Status, mock.Calls.Count));
    }

    [Fact]
    public async Task Post_is_not_repeated_for_a_code_unless_it_may_be()
    {
        var mock = new MockTransport();
        mock.When("POST", "*").Reply(400, """{"__type":"ThrottlingException"}""").Reply(200);
        using var client = new HTTPClient(Cloud(mock));
        Assert.Equal(400, (await client.PostAsync("https://service.test/", cancellationToken: Stop)).Status);
        mock.When("POST", "*/keyed").Reply(400, """{"__type":"ThrottlingException"}""").Reply(200);
        Assert.Equal(200, (await client.PostAsync("https://service.test/keyed", options: new RequestOptions { IdempotencyKey = "k" }, cancellationToken: Stop)).Status);
    }

    [Fact]
    public async Task Codes_are_not_looked_for_by_default()
    {
        var mock = new MockTransport();
        mock.When("GET", "*").Reply(400, """{"__type":"ThrottlingException"}""");
        using var client = new HTTPClient(new HTTPClientOptions { MessageHandler = mock });
        using var response = await client.GetAsync("https://service.test/", cancellationToken: Stop);
        Assert.Equal(("ThrottlingException", 1), (response.ErrorCode, mock.Calls.Count));
    }

    [Theory]
    [InlineData("x-ms-retry-after-ms")]
    [InlineData("retry-after-ms")]
    public async Task Wait_in_milliseconds_is_obeyed(string name)
    {
        var clock = new FakeTimeProvider();
        var mock = new MockTransport(clock);
        mock.When("GET", "*").Reply(new MockReply { Status = 429, Headers = new HeaderMap { [name] = "1500", ["Retry-After"] = "2" } }).Reply(200);
        using var client = new HTTPClient(Cloud(mock) with { Clock = clock });
        var call = client.GetAsync("https://service.test/", cancellationToken: Stop);
        clock.Advance(TimeSpan.FromMilliseconds(1499));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, (await call).Status);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("{", null)]
    [InlineData("[1]", null)]
    [InlineData("""{"a":{"code":"No"},"code":"Yes"}""", "Yes")]
    [InlineData("""{"error":{"details":[{"code":"No"}],"code":"Yes"}}""", "Yes")]
    [InlineData("""{"code":5}""", null)]
    [InlineData("""{"code":"two words"}""", null)]
    [InlineData("\ufeff  <Error><Code>Yes</Code>", "Yes")]
    [InlineData("<Error><Code></Code>", null)]
    [InlineData("<Error><Code>Yes", null)]
    public void Code_is_found_where_services_put_it(string body, string? code) => Assert.Equal(code, ErrorCodeText.InBody(System.Text.Encoding.UTF8.GetBytes(body)));
}
