using System.Globalization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>AWS Signature Version 4: the published examples, and what the client does around them.</summary>
public class SigV4Tests
{
    private const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly AwsSignatureOptions Key = new() { AccessKey = "AKIDEXAMPLE", SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Region = "us-east-1", Service = "service" };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // The test suite that AWS published, by name.
    [Theory]
    [InlineData("get-vanilla", "GET", "/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("get-utf8", "GET", "/\u1234", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("get-space", "GET", "/example space/", "", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")]
    [InlineData("get-slashes", "GET", "//example//", "", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84")]
    [InlineData("post-vanilla", "POST", "/", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    public void Published_test_suite_is_signed_as_there(string name, string method, string path, string query, string signature)
    {
        KeyValuePair<string, string>[] fields = [new("X-Amz-Date", "20150830T123600Z"), new("Host", "example.amazonaws.com")];
        var canonical = SigV4.CanonicalRequest(method, path, query, fields, EmptyHash, isS3: false, out var signed);
        var field = SigV4.Authorization(Key.AccessKey, SigV4.Key(Key.SecretKey, "20150830", "us-east-1", "service"), "20150830T123600Z", "us-east-1", "service", signed, canonical);
        Assert.True($"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}" == field, $"{name}: {field}\n{canonical}");
    }

    [Fact]
    public void Example_of_the_iam_documentation_is_signed_as_there()
    {
        KeyValuePair<string, string>[] fields = [new("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), new("Host", "iam.amazonaws.com"), new("X-Amz-Date", "20150830T123600Z")];
        var canonical = SigV4.CanonicalRequest("GET", "/", "Action=ListUsers&Version=2010-05-08", fields, EmptyHash, isS3: false, out var signed);
        Assert.EndsWith("Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            SigV4.Authorization(Key.AccessKey, SigV4.Key(Key.SecretKey, "20150830", "us-east-1", "iam"), "20150830T123600Z", "us-east-1", "iam", signed, canonical));
    }

    [Theory]
    [InlineData("GET", "/test.txt", "", "Range", "bytes=0-9", EmptyHash, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")]
    [InlineData("GET", "/", "lifecycle", "", "", EmptyHash, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("GET", "/", "max-keys=2&prefix=J", "", "", EmptyHash, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void Examples_of_the_s3_documentation_are_signed_as_there(string method, string path, string query, string field, string value, string payload, string signature)
    {
        List<KeyValuePair<string, string>> fields = [new("Host", "examplebucket.s3.amazonaws.com"), new("X-Amz-Date", "20130524T000000Z"), new("x-amz-content-sha256", payload)];
        if (field.Length > 0)
            fields.Add(new(field, value));
        var canonical = SigV4.CanonicalRequest(method, path, query, fields, payload, isS3: true, out var signed);
        Assert.EndsWith("Signature=" + signature,
            SigV4.Authorization("AKIAIOSFODNN7EXAMPLE", SigV4.Key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3"), "20130524T000000Z", "us-east-1", "s3", signed, canonical));
    }

    [Fact]
    public void Path_of_an_object_is_escaped_once_and_stays_as_it_is_and_others_are_normalised_and_escaped_again()
    {
        Assert.Contains("\n/a%20b//%28c%29%2F%C3%A4\n", SigV4.CanonicalRequest("GET", "/a%20b//(c)%2f\u00e4", "", [], "", isS3: true, out _));
        Assert.Contains("\n/a%2520b/%28c%29\n", SigV4.CanonicalRequest("GET", "/a%20b//(c)", "", [], "", isS3: false, out _));
        Assert.Contains("\na=&a=1&b=%20%2B%7E\n".Replace("%7E", "~", StringComparison.Ordinal), SigV4.CanonicalRequest("GET", "/", "b=%20%2B~&a=1&a", [], "", isS3: true, out _));
    }

    [Fact]
    public async Task Request_is_signed_with_the_digest_of_its_body_the_session_token_and_the_clients_clock()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse("2026-01-02T03:04:05Z", CultureInfo.InvariantCulture));
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Credential = Credential.AwsSignature(Key with { Service = "s3", SessionToken = "session" }) });
        (await client.PutAsync(server.Url + "put", RequestBody.Text("body"), cancellationToken: Stop)).EnsureSuccess().Dispose();
        var headers = server.Requests[0].Headers;
        Assert.Equal("20260102T030405Z", headers["X-Amz-Date"]);
        Assert.Equal("230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5", headers["X-Amz-Content-Sha256"]);
        Assert.Contains("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token", headers["Authorization"]);
    }

    [Fact]
    public async Task Body_that_can_be_read_once_is_signed_without_its_digest_where_asked_and_an_error_otherwise()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var strict = new HTTPClient(RawAnswer.Options with { Credential = Credential.AwsSignature(Key) });
        var error = await Assert.ThrowsAsync<HTTPException>(() => strict.PutAsync(server.Url + "put", RequestBody.OneShot(new MemoryStream([1])), cancellationToken: Stop));
        Assert.Equal((ErrorCodes.HttpAuthentication, WasSent.Never), (error.Code, error.WasSent));
        Assert.Contains("UnsignedPayload", error.Hint);
        using var lax = new HTTPClient(RawAnswer.Options with { Credential = Credential.AwsSignature(Key with { UnsignedPayload = true }) });
        (await lax.PutAsync(server.Url + "put", RequestBody.OneShot(new MemoryStream([1])), cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal("UNSIGNED-PAYLOAD", Assert.Single(server.Requests).Headers["X-Amz-Content-Sha256"]);
    }

    [Fact]
    public async Task Each_attempt_and_each_hop_is_signed_anew()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60)) { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Clock = clock,
            Timeouts = Timeouts.Default with { Total = Timeout.InfiniteTimeSpan },
            Retry = new Codomyrmex.Networking.Resilience.RetryOptions { BaseDelay = TimeSpan.Zero },
            Credential = Credential.AwsSignature(Key),
        });
        (await client.GetAsync(server.Url + "flaky/signed/1", cancellationToken: Stop)).EnsureSuccess().Dispose();
        (await client.GetAsync(server.Url + "redirect/1", cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal(4, server.Requests.Select(request => request.Headers["Authorization"]).Distinct().Count());
    }

    [Fact]
    public async Task Refusal_that_shows_another_clock_is_signed_by_it_once_more()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse("2026-01-02T03:04:05Z", CultureInfo.InvariantCulture));
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { TimeProvider = new FakeTimeProvider(clock.GetUtcNow() + TimeSpan.FromHours(1)) });
        server.Map("GET", "/", exchange => exchange.RespondAsync(exchange.Headers["X-Amz-Date"] == "20260102T040405Z" ? 200 : 403));
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Credential = Credential.AwsSignature(Key) });
        (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).EnsureSuccess().Dispose();
        (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Refusal_by_a_server_of_the_same_time_is_the_answer()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { TimeProvider = clock });
        server.Map("GET", "/", exchange => exchange.RespondAsync(403));
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Credential = Credential.AwsSignature(Key) });
        Assert.Equal(403, (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).Status);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void Wrong_options_are_argument_errors_and_the_secret_is_not_printed()
    {
        foreach (var (wrong, property) in new[] { (Key with { AccessKey = "" }, "AccessKey"), (Key with { SecretKey = "" }, "SecretKey"), (Key with { Region = "a b" }, "Region"), (Key with { Service = "a/b" }, "Service") })
            Assert.Contains(property, Assert.ThrowsAny<ArgumentException>(() => Credential.AwsSignature(wrong)).Message);
        Assert.DoesNotContain("wJalr", (Key with { SessionToken = "wJalr" }).ToString());
    }
}
