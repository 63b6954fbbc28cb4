using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Credentials as they are sent, and from where they are taken.</summary>
public class AuthenticationTests
{
    [Theory]
    [InlineData("Authorization", "Basic dXNlcjpww6Rzczp3w7ZyZA==")]
    public async Task Basic_credentials_are_sent_in_utf8(string header, string value) =>
        Assert.Equal(value, await SentAsync(Credential.Basic("user", "p\u00e4ss:w\u00f6rd"), header));

    [Fact]
    public async Task Bearer_token_and_api_keys_are_sent_in_their_fields()
    {
        Assert.Equal("Bearer abc.def", await SentAsync(Credential.Bearer("abc.def"), "Authorization"));
        Assert.Equal("k1", await SentAsync(Credential.ApiKey("k1"), "X-Api-Key"));
        Assert.Equal("k2", await SentAsync(Credential.ApiKey("k2", "X-Own-Key"), "X-Own-Key"));
    }

    [Theory]
    [InlineData("us:er", "p")]
    public void User_with_a_colon_is_an_argument_error(string user, string password) => Assert.Throws<ArgumentException>(() => Credential.Basic(user, password));

    [Fact]
    public async Task Credential_of_a_request_beats_the_one_in_the_url_which_beats_the_clients()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Bearer("client") });
        var withUser = $"http://u:p@127.0.0.1:{server.Port}/get";
        (await client.GetAsync(withUser, new RequestOptions { Credential = Credential.Bearer("request") }, TestContext.Current.CancellationToken)).Dispose();
        (await client.GetAsync(withUser, cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        (await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(["Bearer request", "Basic dTpw", "Bearer client"], server.Requests.Select(r => r.Headers["Authorization"]));
        Assert.All(server.Requests, r => Assert.Single(r.Headers.GetValues("Authorization")));
    }

    [Fact]
    public async Task Netrc_is_read_when_asked_and_its_entry_goes_to_that_host_only()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "machine 127.0.0.1 login me password secret\nmachine localhost login other password wrong\n", TestContext.Current.CancellationToken);
            await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
            var credential = Credential.FromNetrc(server.Url.ToString(), path)!;
            using var client = new HTTPClient(RawAnswer.Options with { Credential = credential });
            (await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
            (await client.GetAsync($"http://localhost:{server.Port}/get", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
            Assert.Equal("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("me:secret")), server.Requests[0].Headers["Authorization"]);
            Assert.Null(server.Requests[1].Headers["Authorization"]);
            Assert.Null(Credential.FromNetrc("http://unknown.test/", path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<string?> SentAsync(Credential credential, string header)
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = credential });
        (await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.DoesNotContain("abc.def", credential.ToString());
        return server.Requests[0].Headers[header];
    }
}
