using System.Collections.Concurrent;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Digest access authentication, RFC 7616.</summary>
public class DigestTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    [InlineData("MD5", "8ca523f5e9506fed4657c9700eebdbec")]
    public void Example_of_the_rfc_is_answered_as_there(string algorithm, string response)
    {
        var challenge = AuthChallenges.Parse("Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", " +
            $"algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
        var session = DigestSession.Answering(challenge, "Mufasa", "Circle of Life", allowMd5: true, clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")!;
        var field = session.Authorization("GET", "/dir/index.html", session.Next(), null);
        Assert.Contains($"response=\"{response}\"", field);
        Assert.Contains("username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\"", field);
        Assert.Contains("nc=00000001", field);
    }

    [Theory]
    [InlineData("auth", "SHA-256")]
    [InlineData("auth", "SHA-256-sess")]
    [InlineData("auth-int", "SHA-256")]
    [InlineData("auth,auth-int", "SHA-256-sess")]
    public async Task Digest_credentials_are_accepted_for_each_quality_of_protection(string qop, string algorithm)
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        using var response = await client.PostAsync($"{server.Url}digest-auth/{qop}/user/pass?algorithm={algorithm}", RequestBody.Text("body"), cancellationToken: Stop);
        Assert.Equal(200, response.Status);
        Assert.Equal(2, server.Requests.Count);
        Assert.False(server.Requests[0].Headers.Contains("Authorization"));
        Assert.DoesNotContain("pass\"", server.Requests[1].Headers["Authorization"]);
    }

    [Fact]
    public async Task Later_requests_use_the_nonce_unasked_and_count()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        var counts = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync($"{server.Url}digest-auth/auth/user/pass", cancellationToken: Stop);
            counts.Add(response.EnsureSuccess().Json().GetProperty("nc").GetString());
        }
        Assert.Equal(["00000001", "00000002", "00000003"], counts);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task Counts_of_concurrent_requests_are_never_used_twice()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        (await client.GetAsync($"{server.Url}digest-auth/auth/user/pass", cancellationToken: Stop)).Dispose();
        var counts = new ConcurrentBag<string?>();
        await Parallel.ForAsync(0, 50, Stop, async (_, stop) =>
        {
            using var response = await client.GetAsync($"{server.Url}digest-auth/auth/user/pass", cancellationToken: stop);
            counts.Add(response.EnsureSuccess().Json().GetProperty("nc").GetString());
        });
        Assert.Equal(50, counts.Distinct().Count());
        Assert.Equal(52, server.Requests.Count);
    }

    [Fact]
    public async Task Stale_nonce_is_replaced_within_the_call()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        for (var i = 0; i < 4; i++)
            (await client.GetAsync($"{server.Url}digest-auth/auth/user/pass?stale_after=1", cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal(8, server.Requests.Count);
    }

    [Fact]
    public async Task Wrong_password_is_tried_once_and_the_401_is_the_response()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "wrong") });
        using var response = await client.GetAsync($"{server.Url}digest-auth/auth/user/pass", cancellationToken: Stop);
        Assert.Equal((401, 2), (response.Status, server.Requests.Count));
        (await client.GetAsync($"{server.Url}digest-auth/auth/user/pass", cancellationToken: Stop)).Dispose();
        Assert.False(server.Requests[2].Headers.Contains("Authorization"), "a rejected password is not used unasked");
    }

    [Theory]
    [InlineData("Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5")]
    [InlineData("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256")]
    [InlineData("Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-512-256")]
    [InlineData("Digest realm=\"r\", nonce=\"n\", qop=\"auth-new\", algorithm=SHA-256")]
    [InlineData("Digest nonce=\"n\", qop=\"auth\", algorithm=SHA-256")]
    [InlineData("Basic realm=\"r\"")]
    [InlineData("Negotiate")]
    public async Task Challenge_that_cannot_be_answered_leaves_the_401(string challenge)
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.RespondAsync(401, "who are you?", headers: [new("WWW-Authenticate", challenge)]));
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
        Assert.Equal((401, "who are you?", 1), (response.Status, response.Text, server.Requests.Count));
    }

    [Fact]
    public async Task Md5_is_answered_where_it_is_asked_for_and_never_before_sha256()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        server.Map("GET", "/both", exchange => exchange.RespondAsync(401, headers:
        [
            new("WWW-Authenticate", "Digest realm=\"r\", nonce=\"weak\", qop=\"auth\", algorithm=MD5"),
            new("WWW-Authenticate", "Digest realm=\"r\", nonce=\"strong\", qop=\"auth\", algorithm=SHA-256"),
        ]));
        var options = RawAnswer.Options with { Credential = Credential.Digest("user", "pass", new DigestOptions { AllowMd5 = true }) };
        using var client = new HTTPClient(options);
        using var response = await client.GetAsync($"{server.Url}digest-auth/auth/user/pass?algorithm=MD5", cancellationToken: Stop);
        Assert.Equal(200, response.Status);
        using var both = new HTTPClient(options with { Credential = Credential.Digest("user", "pass", new DigestOptions { AllowMd5 = true }) });
        (await both.GetAsync(server.Url + "both", cancellationToken: Stop)).Dispose();
        Assert.Contains("nonce=\"strong\"", server.Requests[^1].Headers["Authorization"]);
    }

    [Fact]
    public async Task Body_that_can_be_read_once_is_a_clear_error_and_the_next_call_succeeds()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        var url = $"{server.Url}digest-auth/auth/user/pass";
        var error = await Assert.ThrowsAsync<HTTPException>(() => client.PostAsync(url, RequestBody.OneShot(new MemoryStream([1])), cancellationToken: Stop));
        Assert.Equal((ErrorCodes.HttpAuthentication, 401, WasSent.Yes), (error.Code, error.Status, error.WasSent));
        Assert.Contains("read only once", error.Message);
        using var next = await client.PostAsync(url, RequestBody.OneShot(new MemoryStream([1])), cancellationToken: Stop);
        Assert.Equal((200, 2), (next.Status, server.Requests.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Cve", "41")]
    public async Task Server_that_does_not_prove_the_password_is_an_error(bool isProofRight)
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange =>
        {
            if (exchange.Headers["Authorization"] is not { } given)
                return exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256")]);
            var client = AuthChallenges.Parse(given)[0];
            var proof = Hash($"{Hash("user:r:pass")}:n:{client["nc"]}:{client["cnonce"]}:auth:{Hash(":/")}");
            return exchange.RespondAsync(200, "in", headers: [new("Authentication-Info", $"rspauth=\"{(isProofRight ? proof : Hash("x"))}\", qop=auth")]);
        });
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        if (isProofRight)
        {
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
            Assert.Equal("in", response.Text);
            return;
        }
        var error = await RawAnswer.FailureAsync(client, server.Url);
        Assert.Equal(ErrorCodes.HttpAuthentication, error.Code);
        Assert.Contains("rspauth", error.Message);
    }

    [Fact]
    public async Task Next_nonce_of_the_server_is_used_next()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.Headers["Authorization"] is null
            ? exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Digest realm=\"r\", nonce=\"one\", qop=\"auth\", algorithm=SHA-256")])
            : exchange.RespondAsync(200, "in", headers: [new("Authentication-Info", "nextnonce=\"two\"")]));
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).Dispose();
        (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).Dispose();
        Assert.Contains("nonce=\"two\", nc=00000001", server.Requests[2].Headers["Authorization"]);
    }

    [Fact]
    public async Task Nonce_is_used_unasked_only_in_its_protection_space()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/{**rest}", exchange => exchange.Headers["Authorization"] is null && exchange.Path.StartsWith("/in", StringComparison.Ordinal)
            ? exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256, domain=\"/in http://other.test/x\"")])
            : exchange.RespondAsync(200, "ok"));
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        foreach (var path in new[] { "in/1", "in/2", "out" })
            (await client.GetAsync(server.Url + path, cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal([false, true, true, false], server.Requests.Select(request => request.Headers.Contains("Authorization")));
    }

    [Fact]
    public async Task User_is_hashed_where_the_server_asks_and_travels_in_utf8_otherwise()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/{**rest}", exchange => exchange.RespondAsync(401, headers:
        [
            new("WWW-Authenticate", $"Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256, charset=UTF-8, userhash={(exchange.Path == "/hash" ? "true" : "false")}"),
        ]));
        foreach (var (path, expected) in new[] { ("hash", $"username=\"{Hash("J\u00e4s\u00f8n Doe:r")}\", userhash=true"), ("plain", "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe") })
        {
            using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("J\u00e4s\u00f8n Doe", "pass") });
            (await client.GetAsync(server.Url + path, cancellationToken: Stop)).Dispose();
            Assert.Contains(expected, server.Requests[^1].Headers["Authorization"]);
        }
    }

    [Fact]
    public async Task Body_of_a_401_is_not_counted_as_a_head_of_the_replay()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.Headers["Authorization"] is null
            ? exchange.RespondAsync(401, new string('x', 40_000), headers: [new("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256")])
            : exchange.RespondAsync(200, "in", headers: [new("X-Filler", new string('y', 3_000))]));
        using var client = new HTTPClient(RawAnswer.Options with { Limits = ResponseLimits.Default with { HeaderBytes = 8 * 1024 }, Credential = Credential.Digest("user", "pass") });
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
        Assert.Equal("in", response.Text);
    }

    [Fact]
    public async Task Connection_that_breaks_during_the_replay_is_an_ordinary_failure()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange =>
        {
            if (exchange.Headers["Authorization"] is null)
                return exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256")]);
            exchange.Abort(reset: true);
            return Task.CompletedTask;
        });
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Digest("user", "pass") });
        var error = await RawAnswer.FailureAsync(client, server.Url);
        Assert.Equal((ErrorCodes.TcpReset, WasSent.Maybe), (error.Code, error.WasSent));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
