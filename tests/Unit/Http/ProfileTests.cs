using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class ProfileTests
{
    private static readonly Dictionary<string, HTTPClientOptions> Profiles = new()
    {
        ["agents"] = HTTPProfiles.Agents,
        ["cloud"] = HTTPProfiles.Cloud,
        ["llm"] = HTTPProfiles.Llm,
        ["scrape"] = HTTPProfiles.Scrape,
    };

    public static TheoryData<string> Names => [.. Profiles.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Profile_is_sound_and_prints_its_difference_from_the_default(string name)
    {
        Profiles[name].Validate();
        var difference = HTTPProfiles.Difference(Profiles[name]);
        Assert.Contains("Timeouts.FirstByte: 00:01:00 → ", difference);
        Assert.All(difference.Split('\n'), line => Assert.Matches(@"^[A-Z]\w*(\.\w+)*: .+ → .+$", line));
        Assert.Equal(difference.Split('\n').Order(StringComparer.Ordinal), difference.Split('\n'));
        Assert.Equal("", HTTPProfiles.Difference(Profiles[name], Profiles[name]));
    }

    [Fact]
    public void Difference_of_the_model_profile_is_this() => Assert.Equal("""
        AutoIdempotencyKeys: False → True
        Redirects.Limit: 10 → 0
        Retry.RetryAfterCap: 00:00:30 → 00:01:00
        Timeouts.FirstByte: 00:01:00 → 00:05:00
        Timeouts.Idle: 00:00:30 → 00:01:00
        Timeouts.Total: 00:01:40 → 00:30:00
        """.ReplaceLineEndings("\n"), HTTPProfiles.Difference(HTTPProfiles.Llm));

    [Fact]
    public void Difference_shows_no_secret()
    {
        const string canary = "canary-7391";
        var difference = HTTPProfiles.Difference(HTTPClientOptions.Default with
        {
            BaseUrl = $"https://u:{canary}@api.test/?token={canary}",
            Headers = new() { ["X-Own"] = canary },
            Query = [new("api_key", canary)],
            Credential = Credential.Bearer(canary),
            Transport = TransportOptions.Default with { Proxy = new ProxyOptions { Kind = ProxyKind.Http, Host = "p.test", Port = 1, User = "u", Password = canary } },
        });
        Assert.DoesNotContain(canary, difference);
        Assert.Contains("Query: 0 entries → 1 entries", difference);
        Assert.Contains("Transport.Proxy: none → ", difference);
    }

    [Theory]
    [InlineData("agents", true)]
    [InlineData("llm", true)]
    [InlineData("cloud", false)]
    [InlineData("scrape", false)]
    public async Task Idempotency_key_is_sent_by_default_to_models_and_agents(string name, bool isSent)
    {
        var mock = new MockTransport();
        mock.When("POST", "*").Reply(503).Reply(200);
        using var client = new HTTPClient(Profiles[name] with { MessageHandler = mock, MessageHandlerTrustedForEgress = true });
        using var response = await client.PostAsync("https://service.test/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((isSent ? 200 : 503, isSent ? 2 : 1), (response.Status, mock.Calls.Count));
        Assert.All(mock.Calls, call => Assert.Equal(isSent, call.Headers.Contains("Idempotency-Key")));
        Assert.Single(mock.Calls.Select(call => call.Headers["Idempotency-Key"]).Distinct());
    }

    [Theory]
    [InlineData("agents", false)]
    [InlineData("scrape", false)]
    [InlineData("cloud", true)]
    [InlineData("llm", true)]
    public async Task Profiles_for_addresses_that_others_name_deny_the_private_ones(string name, bool isAllowed)
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(Profiles[name]);
        var call = client.GetAsync(server.Url + "json", cancellationToken: TestContext.Current.CancellationToken);
        if (isAllowed)
            (await call).EnsureSuccess().Dispose();
        else
            Assert.Equal(ErrorCodes.PolicyDenied, (await Assert.ThrowsAsync<PolicyException>(() => call)).Code);
        Assert.Equal(!isAllowed, Profiles[name].Transport.Policy == EgressPolicy.PublicInternetOnly);
    }
}
