using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>What <see cref="HTTPClient.Prepare"/> makes: a request that can be shown, and sent as if it had not been.</summary>
public class PreparedRequestTests
{
    private readonly MockTransport _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client(HTTPClientOptions? options = null)
    {
        _server.When("*", "*").Reply(200, "ok");
        _server.When("*", "http://moving.test/*").Reply(new MockReply { Status = 302, Headers = new() { ["Location"] = "http://other.test/" } });
        return new((options ?? RawAnswer.Options) with { MessageHandler = _server });
    }

    [Fact]
    public async Task Field_of_a_credential_is_secret_whatever_its_name_and_stays_with_its_origin()
    {
        const string Name = "X-Tenant-Of-Prepared";
        using var client = Client(RawAnswer.Options with { Credential = Credential.ApiKey("alice-value", Name) });
        var prepared = client.Prepare(new Request("GET", "http://moving.test/a"));
        Assert.DoesNotContain("alice-value", prepared.ToCurl());
        Assert.DoesNotContain("alice-value", prepared.ToString());
        Assert.DoesNotContain("alice-value", new HeaderMap { [Name] = "alice-value" }.ToString());
        Assert.Contains("alice-value", prepared.ToCurl(revealSecrets: true));
        (await client.SendAsync(prepared, Stop)).Dispose();
        (await client.GetAsync("http://moving.test/a", cancellationToken: Stop)).Dispose();
        Assert.Equal(["alice-value", null, "alice-value", null], _server.Calls.Select(call => call.Headers[Name]));
    }

    [Fact]
    public async Task Preparing_a_request_binds_no_credential_and_no_secret_parameter_to_its_origin()
    {
        using var client = Client(RawAnswer.Options with { Credential = Credential.Bearer("t0ken"), Query = [new("api_key", "k3y")] });
        Assert.Contains("t0ken", client.Prepare(new Request("GET", "http://elsewhere.test/")).ToCurl(revealSecrets: true));
        (await client.GetAsync("http://home.test/", cancellationToken: Stop)).Dispose();
        var sent = Assert.Single(_server.Calls);
        Assert.Equal(("Bearer t0ken", "?api_key=k3y"), (sent.Headers["Authorization"], sent.Url.Query));
        // Now they belong to one origin, and a request for another is prepared without them.
        var other = client.Prepare(new Request("GET", "http://elsewhere.test/"));
        Assert.Equal(("http://elsewhere.test/", null), (other.Url, other.Options.Headers!["Authorization"]));
    }

    [Fact]
    public async Task Prepared_request_sent_by_its_client_has_the_clients_query_fields_and_key_once()
    {
        using var client = Client(RawAnswer.Options with { BaseUrl = "http://home.test/", Query = [new("page", "2")], Headers = new() { ["X-Default"] = "yes" } });
        var prepared = client.Prepare(new Request("POST", "get?a=b") { Options = new() { Query = [new("c", "d")], IdempotencyKey = "key-1" } });
        Assert.Equal("http://home.test/get?a=b&page=2&c=d", prepared.Url);
        (await client.SendAsync(prepared, Stop)).Dispose();
        var sent = Assert.Single(_server.Calls);
        Assert.Equal((prepared.Url, "yes", "key-1"), (sent.Url.AbsoluteUri, sent.Headers["X-Default"], sent.Headers["Idempotency-Key"]));
        Assert.Single(sent.Headers, field => field.Key == "Idempotency-Key");
    }
}
