using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>OAuth 2: client credentials, refresh tokens, one flight for many calls, one replay after a 401.</summary>
public class OAuth2Tests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static HTTPClient Client(OAuth2Options options, Func<HTTPClientOptions, HTTPClientOptions>? change = null) =>
        new((change ?? (o => o))(RawAnswer.Options with { Credential = Credential.OAuth2(options) }));

    [Fact]
    public async Task Client_credentials_are_exchanged_for_a_token_that_is_used_until_it_expires()
    {
        await using var server = new TokenServer();
        using var client = Client(server.Options with { Scope = "read write", Parameters = [new("audience", "https://api.test/")] });
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).Status);
        Assert.Equal(["grant_type=client_credentials&scope=read+write&audience=https%3A%2F%2Fapi.test%2F"], server.Forms);
        var request = server.Server.Requests[0];
        Assert.Equal("Basic " + Convert.ToBase64String("the+client:s3cr%3At%26"u8), request.Headers["Authorization"]);
        Assert.Equal("application/x-www-form-urlencoded", request.Headers["Content-Type"]);
    }

    [Fact]
    public async Task Secret_goes_into_the_body_where_the_endpoint_wants_it_there()
    {
        await using var server = new TokenServer();
        using var client = Client(server.Options with { ClientAuthentication = OAuth2ClientAuthentication.Body });
        (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal(["grant_type=client_credentials&client_id=the+client&client_secret=s3cr%3At%26"], server.Forms);
        Assert.False(server.Server.Requests[0].Headers.Contains("Authorization"));
    }

    [Fact]
    public async Task Many_calls_that_need_a_token_at_once_share_one_request_for_it()
    {
        await using var server = new TokenServer { Gate = new() };
        using var client = Client(server.Options);
        var calls = Enumerable.Range(0, 20).Select(_ => client.GetAsync(server.DataUrl, cancellationToken: Stop)).ToList();
        await server.Asked.Task.WaitAsync(Stop);
        server.Gate.SetResult();
        Assert.All(await Task.WhenAll(calls), response => Assert.Equal(200, response.Status));
        Assert.Single(server.Forms);
    }

    [Fact]
    public async Task Call_that_is_cancelled_does_not_cancel_the_token_for_the_others()
    {
        await using var server = new TokenServer { Gate = new() };
        using var client = Client(server.Options);
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var first = client.GetAsync(server.DataUrl, cancellationToken: mine.Token);
        await server.Asked.Task.WaitAsync(Stop);
        var second = client.GetAsync(server.DataUrl, cancellationToken: Stop);
        await mine.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(mine.Token, cancelled.CancellationToken);
        server.Gate.SetResult();
        Assert.Equal(200, (await second).Status);
        Assert.Single(server.Forms);
    }

    [Fact]
    public async Task Deadline_of_a_call_holds_while_its_token_is_fetched()
    {
        await using var server = new TokenServer { Gate = new() };
        using var client = Client(server.Options);
        var brief = new RequestOptions { Deadline = Deadline.After(TimeSpan.FromMilliseconds(100)) };
        var error = await RawAnswer.FailureAsync(client, new Uri(server.DataUrl), brief);
        Assert.Equal((ErrorCodes.TimeoutTotal, WasSent.Never), (error.Code, error.WasSent));
        Assert.Contains("waiting for its credential", error.Message);
        server.Gate.SetResult();
        Assert.Equal(200, (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).Status);
    }

    [Fact]
    public async Task Rejected_token_is_replaced_and_the_request_replayed_once()
    {
        await using var server = new TokenServer();
        using var client = Client(server.Options);
        (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).EnsureSuccess().Dispose();
        server.Accepted = "token-2";
        using var response = await client.PostAsync(server.DataUrl, RequestBody.Text("x"), cancellationToken: Stop);
        Assert.Equal((200, 2), (response.Status, server.Forms.Count));
    }

    [Fact]
    public async Task Token_that_is_rejected_for_many_calls_at_once_is_replaced_once()
    {
        await using var server = new TokenServer();
        using var client = Client(server.Options);
        (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).EnsureSuccess().Dispose();
        server.Accepted = "token-2";
        server.RejectTogether = 20;
        var calls = Enumerable.Range(0, 20).Select(_ => client.GetAsync(server.DataUrl, cancellationToken: Stop)).ToList();
        Assert.All(await Task.WhenAll(calls), response => Assert.Equal(200, response.Status));
        Assert.Equal(2, server.Forms.Count);
    }

    [Fact]
    public async Task Service_that_rejects_every_token_gets_two_and_no_more()
    {
        await using var server = new TokenServer { Accepted = "another" };
        using var client = Client(server.Options);
        using var response = await client.GetAsync(server.DataUrl, cancellationToken: Stop);
        Assert.Equal((401, 2), (response.Status, server.Forms.Count));
        Assert.Equal(2, server.Server.Requests.Count(request => request.Path == "/data"));
    }

    [Fact]
    public async Task Token_is_replaced_before_it_expires()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var server = new TokenServer();
        using var client = Client(server.Options, options => options with { Clock = clock });
        foreach (var step in new[] { 0, 3539, 2 })
        {
            clock.Advance(TimeSpan.FromSeconds(step));
            (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).EnsureSuccess().Dispose();
        }
        Assert.Equal(2, server.Forms.Count);
        Assert.All(server.Server.Requests.Where(request => request.Path == "/data"), request => Assert.NotNull(request.Headers["Authorization"]));
    }

    [Fact]
    public async Task Early_replacement_that_fails_leaves_the_old_token_in_use_until_it_expires()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var server = new TokenServer { Accepted = "token-1" };
        using var client = Client(server.Options, options => options with { Clock = clock });
        (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).EnsureSuccess().Dispose();
        server.Answer = (exchange, _) => exchange.RespondAsync(503);
        clock.Advance(TimeSpan.FromSeconds(3550));
        for (var i = 0; i < 3; i++)
            (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal(2, server.Forms.Count);
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(ErrorCodes.HttpAuthentication, (await RawAnswer.FailureAsync(client, new Uri(server.DataUrl))).Code);
    }

    [Fact]
    public async Task Refresh_token_is_used_rotated_and_handed_out_to_be_kept()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var kept = new List<string>();
        await using var server = new TokenServer { Answer = (exchange, number) => TokenServer.Token(exchange, number, 10, $",\"refresh_token\":\"r{number}\"") };
        using var client = Client(
            server.Options with { ClientSecret = null, RefreshToken = "r0", RefreshTokenChanged = (token, _) => { kept.Add(token); return default; } },
            options => options with { Clock = clock });
        for (var i = 0; i < 3; i++)
        {
            (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).EnsureSuccess().Dispose();
            clock.Advance(TimeSpan.FromSeconds(11));
        }
        Assert.Equal(["r1", "r2", "r3"], kept);
        Assert.Equal(Enumerable.Range(0, 3).Select(n => $"grant_type=refresh_token&refresh_token=r{n}&client_id=the+client"), server.Forms);
    }

    [Fact]
    public async Task Failing_token_endpoint_is_a_typed_error_that_names_it_and_hides_the_secret()
    {
        await using var server = new TokenServer
        {
            Answer = (exchange, _) => exchange.RespondAsync(400, "{\"error\":\"invalid_client\",\"error_description\":\"s3cr:t& is wrong\"}", "application/json"),
        };
        await using var service = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = Client(server.Options, options => options with { Retry = RetryOptions.Default });
        var error = Assert.IsType<HTTPException>(await RawAnswer.FailureAsync(client, new Uri(service.Url, "get")));
        Assert.Equal((ErrorCodes.HttpAuthentication, 400, WasSent.Never, false), (error.Code, error.Status, error.WasSent, error.IsTransient));
        Assert.Equal(server.Server.Port, error.Endpoint!.Port);
        Assert.Contains($"no access token for 127.0.0.1:{service.Port}", error.Message);
        Assert.Contains("invalid_client", error.Message);
        Assert.DoesNotContain("s3cr", error.ToString());
        Assert.Empty(service.Requests);
        Assert.Single(server.Forms);
    }

    [Fact]
    public async Task Failed_token_request_does_not_poison_later_calls()
    {
        await using var server = new TokenServer();
        var good = server.Answer;
        server.Answer = (exchange, _) => { exchange.Abort(reset: true); return Task.CompletedTask; };
        using var client = Client(server.Options);
        var error = await RawAnswer.FailureAsync(client, new Uri(server.DataUrl));
        Assert.True(error is ConnectionException { IsTransient: true, WasSent: WasSent.Never }, error.ToString());
        server.Answer = good;
        Assert.Equal(200, (await client.GetAsync(server.DataUrl, cancellationToken: Stop)).Status);
    }

    [Fact]
    public async Task Passing_trouble_of_the_token_endpoint_is_retried_with_the_call_even_a_post()
    {
        await using var server = new TokenServer();
        server.Answer = (exchange, number) => number == 1 ? exchange.RespondAsync(503) : TokenServer.Token(exchange, number, 60);
        using var client = Client(server.Options, options => options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        using var response = await client.PostAsync(server.DataUrl, RequestBody.Text("x"), cancellationToken: Stop);
        Assert.Equal((200, 2), (response.Status, server.Forms.Count));
    }

    [Theory]
    [InlineData("{\"access_token\":\"t\",\"token_type\":\"mac\"}", "type Bearer")]
    [InlineData("{\"token_type\":\"bearer\"}", "access_token")]
    [InlineData("{\"access_token\":\"a\\u0001b\",\"token_type\":\"bearer\"}", "access_token")]
    [InlineData("[1]", "access_token")]
    [InlineData("<html>", "access_token")]
    public async Task Answer_that_is_no_token_is_an_error(string body, string named)
    {
        await using var server = new TokenServer { Answer = (exchange, _) => exchange.RespondAsync(200, body, "application/json") };
        using var client = Client(server.Options);
        var error = await RawAnswer.FailureAsync(client, new Uri(server.DataUrl));
        Assert.Equal(ErrorCodes.HttpAuthentication, error.Code);
        Assert.Contains(named, error.Message);
    }

    [Fact]
    [Trait("Cve", "36")]
    public async Task Token_endpoint_is_under_the_egress_policy()
    {
        await using var server = new TokenServer();
        await using var service = LabEndpoints.MapTo(LoopbackServer.Start());
        var policy = EgressPolicy.Nothing.Allowing($"127.0.0.1:{service.Port}");
        using var client = Client(server.Options, options => options with { Transport = new TransportOptions { Policy = policy } });
        var error = Assert.IsType<PolicyException>(await RawAnswer.FailureAsync(client, new Uri(service.Url, "get")));
        Assert.NotNull(error.Rule);
        Assert.Equal(0, server.Server.ConnectionCount + service.Requests.Count);
    }

    [Fact]
    [Trait("Cve", "36")]
    public async Task Call_under_a_stricter_policy_does_not_wait_for_the_token_of_a_laxer_one()
    {
        await using var server = new TokenServer { Gate = new() };
        await using var service = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = Client(server.Options);
        var lax = client.GetAsync(service.Url + "get", cancellationToken: Stop);
        await server.Asked.Task.WaitAsync(Stop);
        var strict = new RequestOptions { Transport = new TransportOptions { Policy = EgressPolicy.Nothing.Allowing($"127.0.0.1:{service.Port}") } };
        Assert.IsType<PolicyException>(await RawAnswer.FailureAsync(client, new Uri(service.Url, "get?strict"), strict));
        server.Gate.SetResult();
        Assert.Equal(200, (await lax).Status);
    }

    [Fact]
    public async Task Secrets_are_not_sent_after_a_redirect_of_the_token_endpoint()
    {
        await using var other = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var server = new TokenServer();
        server.Answer = (exchange, _) => exchange.RespondAsync(307, headers: [new("Location", other.Url + "post")]);
        using var client = Client(server.Options);
        Assert.Equal(ErrorCodes.HttpAuthentication, (await RawAnswer.FailureAsync(client, new Uri(server.DataUrl))).Code);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public void Wrong_options_are_argument_errors_and_secrets_are_not_printed()
    {
        var right = new OAuth2Options { TokenUrl = "https://login.test/token", ClientId = "id", ClientSecret = "hidden", RefreshToken = "concealed" };
        foreach (var (wrong, property) in new (OAuth2Options, string)[]
        {
            (right with { TokenUrl = "ftp://login.test/" }, "TokenUrl"), (right with { TokenUrl = "http://login.test/" }, "TokenUrl"),
            (right with { TokenUrl = "https://a:b@login.test/" }, "TokenUrl"), (right with { ClientId = "" }, "ClientId"),
            (right with { ClientSecret = null, RefreshToken = null }, "ClientSecret"), (right with { RefreshBefore = TimeSpan.FromSeconds(-1) }, "RefreshBefore"),
        })
            Assert.Contains(property, Assert.ThrowsAny<ArgumentException>(() => Credential.OAuth2(wrong)).Message);
        Credential.OAuth2(right with { TokenUrl = "http://login.test/", InsecureAllowHttp = true });
        Assert.DoesNotContain("hidden", right.ToString() + Credential.OAuth2(right));
        Assert.DoesNotContain("concealed", right.ToString());
    }
}
