using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class CurlCommandTests
{
    [Fact]
    public void A_plain_get_needs_nothing_but_its_url() =>
        Assert.Equal("curl http://example.com/a", new Request("GET", "http://example.com/a").ToCurl());

    [Fact]
    public void Method_fields_and_body_are_written_and_quoted()
    {
        var request = new Request("PATCH", "http://example.com/a?b=c d")
        {
            Body = RequestBody.Text("it's", "text/plain"),
            Options = new() { Headers = new() { ["X-Note"] = "a b" }, Query = [new("q", "1&2")] },
        };
        Assert.Equal(
            "curl --request PATCH --header 'X-Note: a b' --header 'Content-Type: text/plain' --data-raw 'it'\\''s' 'http://example.com/a?b=c d&q=1%262'",
            request.ToCurl());
    }

    [Fact]
    public void Secrets_are_masked_unless_they_are_asked_for()
    {
        var request = new Request("GET", "http://example.com/?api_key=canary") { Options = new() { Headers = new() { ["Authorization"] = "Bearer canary" } } };
        Assert.DoesNotContain("canary", request.ToCurl());
        Assert.Contains("Bearer canary", request.ToCurl(revealSecrets: true));
        Assert.Contains("api_key=canary", request.ToCurl(revealSecrets: true));
    }

    [Fact]
    public void A_body_that_is_no_text_comes_from_standard_input()
    {
        Assert.Contains("--data-binary @-", new Request("PUT", "http://a/") { Body = RequestBody.Bytes(new byte[] { 0, 255 }) }.ToCurl());
        Assert.Contains("--data-binary @-", new Request("PUT", "http://a/") { Body = RequestBody.OneShot(new MemoryStream()) }.ToCurl());
    }

    [Fact]
    public async Task A_prepared_request_has_all_that_would_be_sent_and_nothing_is_sent()
    {
        var dialled = false;
        await using var client = new HTTPClient(new HTTPClientOptions
        {
            BaseUrl = "http://api.test/v1/",
            Credential = Credential.Basic("ada", "pw"),
            Headers = new() { ["X-Client"] = "c" },
            Query = [new("k", "v")],
            Transport = new() { DialOver = (_, _) => { dialled = true; throw new IOException(); } },
        });
        var prepared = client.Prepare(new Request("POST", "things") { Body = RequestBody.Text("x"), Options = new() { IdempotencyKey = "one" } });
        Assert.Equal("http://api.test/v1/things?k=v", prepared.Url);
        Assert.Equal("Basic YWRhOnB3", prepared.Options.Headers!["Authorization"]);
        Assert.Equal("c", prepared.Options.Headers["X-Client"]);
        Assert.Equal("one", prepared.Options.Headers["Idempotency-Key"]);
        Assert.Null(prepared.Options.Headers["Content-Length"]);
        Assert.False(dialled);
    }
}
