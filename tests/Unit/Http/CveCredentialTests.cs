using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Credentials that reach a host they were not meant for.</summary>
public class CveCredentialTests
{
    private static readonly string[] Secret =
        ["Authorization", "Cookie", "X-Api-Key", "Api-Key", "X-Amz-Security-Token", "Signature", "X-Signature", "X-Auth-Token", "Token", "X-Client-Secret", "X-Auth",
         "X-Serverless-Authorization", "X-AuthToken", "X-Authorization", "X-Jwt", "Cf-Access-Jwt-Assertion", "X-Session-Id", "X-Password", "X-ApiKey", "AccessKey"];

    /// <summary>Two origins: the first redirects every path to the second, which answers.</summary>
    private static async Task<(LoopbackServer From, LoopbackServer To)> PairAsync(int status = 302)
    {
        var to = LoopbackServer.Start();
        to.Map("*", "/{**rest}", exchange => exchange.RespondAsync(200, "there"));
        var from = LoopbackServer.Start();
        from.Map("*", "/{**rest}", exchange => exchange.RespondAsync(status, headers: [new("Location", to.Url.ToString())]));
        await Task.CompletedTask;
        return (from, to);
    }

    private static void AssertNoSecret(LoopbackServer server, params string[] names)
    {
        Assert.NotEmpty(server.Requests);
        foreach (var request in server.Requests)
            Assert.All(names, name => Assert.False(request.Headers.Contains(name), $"{name} arrived with {request}"));
    }

    private static string Body => "canary-secret";

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    [Trait("Cve", "1")]
    public async Task Authorization_and_cookies_do_not_follow_a_redirect_to_another_port(int status)
    {
        var (from, to) = await PairAsync(status);
        await using var _ = from;
        await using var __ = to;
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Credential = Credential.Bearer("t0ken"),
            Headers = new HeaderMap { ["Cookie"] = "a=b" },
        });
        using var response = await client.GetAsync(from.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("there", response.Text);
        Assert.Equal(("Bearer t0ken", "a=b"), (from.Requests[0].Headers["Authorization"], from.Requests[0].Headers["Cookie"]));
        AssertNoSecret(to, "Authorization", "Cookie");
    }

    [Fact]
    [Trait("Cve", "1")]
    public async Task Authorization_does_not_follow_a_redirect_to_another_scheme_of_the_same_host_and_port_number()
    {
        using var authority = new TestCertificateAuthority();
        await using var secure = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } });
        await using var plain = LoopbackServer.Start();
        secure.MapStatic("GET", "/", "there"u8.ToArray());
        plain.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", secure.Url.ToString())]));
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [authority.Root] } },
            Credential = Credential.Bearer("t0ken"),
        });
        using var response = await client.GetAsync(plain.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("there", response.Text);
        AssertNoSecret(secure, "Authorization");
    }

    [Fact]
    [Trait("Cve", "1")]
    public async Task Credential_comes_back_when_a_chain_of_redirects_returns_to_its_origin()
    {
        await using var home = LoopbackServer.Start();
        await using var away = LoopbackServer.Start();
        home.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", away.Url.ToString())])).MapStatic("GET", "/end", "end"u8.ToArray());
        away.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", home.Url + "end")]));
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Bearer("t0ken", home.Url.ToString()) });
        using var response = await client.GetAsync(home.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("end", response.Text);
        AssertNoSecret(away, "Authorization");
        Assert.All(home.Requests, request => Assert.Equal("Bearer t0ken", request.Headers["Authorization"]));
    }

    [Fact]
    [Trait("Cve", "2")]
    public async Task Secret_fields_of_the_client_do_not_follow_a_redirect()
    {
        var (from, to) = await PairAsync();
        await using var _ = from;
        await using var __ = to;
        using var client = new HTTPClient(RawAnswer.Options with { Headers = new HeaderMap(Secret.Select(name => KeyValuePair.Create(name, Body))) });
        using var response = await client.GetAsync(from.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(Secret, name => Assert.Equal(Body, from.Requests[0].Headers[name]));
        AssertNoSecret(to, Secret);
    }

    [Fact]
    [Trait("Cve", "2")]
    public async Task Secret_fields_of_a_request_do_not_follow_a_redirect_and_harmless_ones_do()
    {
        var (from, to) = await PairAsync(307);
        await using var _ = from;
        await using var __ = to;
        using var client = new HTTPClient(RawAnswer.Options);
        var options = new RequestOptions { Headers = new HeaderMap(Secret.Append("Traceparent").Append("Accept-Language").Select(name => KeyValuePair.Create(name, Body))) };
        using var response = await client.PostAsync(from.Url.ToString(), RequestBody.Text("x"), options, TestContext.Current.CancellationToken);
        AssertNoSecret(to, Secret);
        Assert.Equal((Body, Body), (to.Requests[0].Headers["Traceparent"], to.Requests[0].Headers["Accept-Language"]));
        Assert.StartsWith("text/plain", to.Requests[0].Headers["Content-Type"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Cve", "2")]
    public async Task Field_of_an_unknown_name_does_not_follow_a_redirect_unless_the_caller_says_that_it_may(bool ofClient)
    {
        var (from, to) = await PairAsync();
        await using var _ = from;
        await using var __ = to;
        var fields = new HeaderMap { ["X-Tenant"] = "1", ["X-Zauberwort"] = Body, ["X-Hidden"] = "Bearer " + Body };
        using var client = new HTTPClient(RawAnswer.Options with { Headers = ofClient ? fields : [] });
        var options = new RequestOptions
        {
            Headers = ofClient ? null : fields,
            Redirects = RedirectOptions.Default with { CarriedFields = ["x-tenant", "X-Hidden"] },
        };
        using var response = await client.GetAsync(from.Url.ToString(), options, TestContext.Current.CancellationToken);
        Assert.Equal(Body, from.Requests[0].Headers["X-Zauberwort"]);
        AssertNoSecret(to, "X-Zauberwort", "X-Hidden");
        Assert.Equal("1", to.Requests[0].Headers["X-Tenant"]);
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("X-AuthToken")]
    [InlineData("Host")]
    [InlineData("")]
    public void Secret_field_cannot_be_named_as_one_that_follows_a_redirect(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => (RedirectOptions.Default with { CarriedFields = [name] }).Validate());
        Assert.Equal("RedirectOptions.CarriedFields", error.ParamName);
    }

    [Theory]
    [InlineData("http://a.test/", "https://a.test/x", true)]
    [InlineData("http://a.test/", "https://a.test:8443/", false)]
    [InlineData("http://a.test:8080/", "https://a.test/", false)]
    [InlineData("http://a.test/", "https://b.test/", false)]
    [InlineData("https://a.test/", "http://a.test/", false)]
    public void Fields_but_no_secrets_follow_to_the_same_host_over_tls(string named, string target, bool goes)
    {
        var reach = FieldReaches.Between(new Uri(named), new Uri(target));
        Assert.Equal(goes, reach.Goes("X-Tenant", "1", []));
        Assert.False(reach.Goes("X-AuthToken", "1", []));
        Assert.False(reach.Goes("X-Tenant", "bearer 1", []));
        Assert.False(reach.Goes("Host", "a.test", []));
    }

    [Fact]
    [Trait("Cve", "2")]
    public async Task Host_field_of_the_caller_does_not_follow_a_redirect_to_another_origin()
    {
        var (from, to) = await PairAsync();
        await using var _ = from;
        await using var __ = to;
        using var client = new HTTPClient(RawAnswer.Options with { Headers = new HeaderMap { ["Host"] = "virtual.test" } });
        using var response = await client.GetAsync(from.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("virtual.test", from.Requests[0].Headers["Host"]);
        Assert.Equal(to.Url.Authority, to.Requests[0].Headers["Host"]);
    }

    [Fact]
    [Trait("Cve", "7")]
    public async Task Credential_is_not_sent_to_a_second_host_that_the_client_calls()
    {
        await using var first = LoopbackServer.Start();
        await using var second = LoopbackServer.Start();
        first.MapStatic("GET", "/", "1"u8.ToArray());
        second.MapStatic("GET", "/", "2"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Credential = Credential.Basic("user", "pass"),
            Headers = new HeaderMap { ["X-Api-Key"] = Body },
        });
        foreach (var url in new[] { first.Url, second.Url, first.Url })
            (await client.GetAsync(url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        AssertNoSecret(second, "Authorization", "X-Api-Key");
        Assert.All(first.Requests, request => Assert.Equal(Body, request.Headers["X-Api-Key"]));
    }

    [Fact]
    [Trait("Cve", "7")]
    public async Task Setting_another_field_does_not_let_a_secret_one_go_to_a_second_host()
    {
        await using var first = LoopbackServer.Start();
        await using var second = LoopbackServer.Start();
        first.MapStatic("GET", "/", "1"u8.ToArray());
        second.MapStatic("GET", "/", "2"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options with { Headers = new HeaderMap { ["Authorization"] = "Bearer t0ken" } });
        (await client.GetAsync(first.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        client.SetHeaders(new HeaderMap { ["X-Other"] = "1" });
        using var derived = client.With(options => options with { UserAgent = "another" });
        (await client.GetAsync(second.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        (await derived.GetAsync(second.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        AssertNoSecret(second, "Authorization");
        (await client.GetAsync(first.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.All(first.Requests, request => Assert.Equal("Bearer t0ken", request.Headers["Authorization"]));
    }

    [Fact]
    [Trait("Cve", "7")]
    public async Task Replacing_a_secret_field_binds_the_new_value_anew()
    {
        await using var first = LoopbackServer.Start();
        await using var second = LoopbackServer.Start();
        first.MapStatic("GET", "/", "1"u8.ToArray());
        second.MapStatic("GET", "/", "2"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options with { Headers = new HeaderMap { ["Authorization"] = "Bearer one" } });
        (await client.GetAsync(first.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        client.SetHeaders(new HeaderMap { ["Authorization"] = "Bearer two" });
        (await client.GetAsync(second.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal("Bearer two", second.Requests[0].Headers["Authorization"]);
    }

    [Fact]
    [Trait("Cve", "7")]
    public async Task Secret_field_of_a_client_with_a_base_belongs_to_the_base_from_the_start()
    {
        await using var home = LoopbackServer.Start();
        await using var other = LoopbackServer.Start();
        home.MapStatic("GET", "/", "1"u8.ToArray());
        other.MapStatic("GET", "/", "2"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options with
        {
            BaseUrl = home.Url.ToString(),
            AllowOtherOrigins = true,
            Headers = new HeaderMap { ["Authorization"] = "Bearer t0ken" },
        });
        (await client.GetAsync(other.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        AssertNoSecret(other, "Authorization");
    }

    [Fact]
    [Trait("Cve", "4")]
    public async Task No_netrc_file_is_read_unasked()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("GET", "/", "1"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync($"http://user:@127.0.0.1:{server.Port}/", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal("Basic " + Convert.ToBase64String("user:"u8), server.Requests[0].Headers["Authorization"]);
        Assert.False(server.Requests[1].Headers.Contains("Authorization"));
    }

    [Fact]
    [Trait("Cve", "5")]
    public async Task User_and_password_of_a_url_are_sent_as_a_credential_and_shown_nowhere()
    {
        var (from, to) = await PairAsync();
        await using var _ = from;
        await using var __ = to;
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync($"http://me:pa55word@127.0.0.1:{from.Port}/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Basic " + Convert.ToBase64String("me:pa55word"u8), from.Requests[0].Headers["Authorization"]);
        AssertNoSecret(to, "Authorization", "Referer");
        Assert.DoesNotContain("pa55word", response.Url + string.Concat(response.History.Select(hop => $"{hop}")) + response);
        Assert.DoesNotContain("pa55word", from.Requests[0].Target + from.Requests[0].Headers["Host"]);
    }

    [Fact]
    [Trait("Cve", "7")]
    public async Task Secret_in_the_clients_query_goes_to_one_origin_and_a_plain_parameter_to_all()
    {
        var mock = new MockTransport();
        mock.When("*", "*").Reply(200);
        using var client = new HTTPClient(new HTTPClientOptions { MessageHandler = mock, Query = [new("lang", "de"), new("api_key", Body)] });
        (await client.GetAsync("http://own.test/", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        (await client.GetAsync("http://other.test/", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        using var derived = client.With(options => options with { UserAgent = "derived" });
        (await derived.GetAsync("http://other.test:81/", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal([$"?lang=de&api_key={Body}", "?lang=de", "?lang=de"], mock.Calls.Select(call => call.Url.Query));
    }

    [Fact]
    [Trait("Cve", "1")]
    public async Task Query_of_the_request_is_not_added_to_the_target_of_a_redirect()
    {
        var (from, to) = await PairAsync();
        await using var _ = from;
        await using var __ = to;
        using var client = new HTTPClient(RawAnswer.Options with { Query = [new("api_key", Body)] });
        using var response = await client.GetAsync(from.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Body, from.Requests[0].Query["api_key"]);
        Assert.Equal("/", to.Requests[0].Target);
    }
}
