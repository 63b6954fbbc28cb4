using System.Security.Cryptography;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Whatever the kind of a credential: other origins get nothing of it, and nothing of it is shared between callers.</summary>
public class CredentialBindingTests
{
    private static readonly string[] Fields =
        ["Authorization", "Signature", "Signature-Input", "Signature-Agent", "X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token", "X-Api-Key", "X-Signed"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["basic", "bearer", "key", "digest", "oauth2", "aws", "message", "bot", "signer", "both"];

    private static Credential Make(string kind, TokenServer tokens) => kind switch
    {
        "basic" => Credential.Basic("user", "canary-pass"),
        "bearer" => Credential.Bearer("canary-t0ken"),
        "key" => Credential.ApiKey("canary-k3y"),
        "digest" => Credential.Digest("user", "canary-pass"),
        "oauth2" => Credential.OAuth2(tokens.Options),
        "aws" => Credential.AwsSignature(new AwsSignatureOptions { AccessKey = "a", SecretKey = "canary-s", SessionToken = "canary-t", Region = "r", Service = "s3" }),
        "message" => Credential.MessageSignature(new MessageSignatureOptions { Key = MessageSigningKey.Hmac("canary-s"u8, "k") }),
        "bot" => Credential.WebBotAuth(new WebBotAuthOptions { Key = MessageSigningKey.Hmac("canary-s"u8, "k"), SignatureAgent = "https://bot.test" }),
        "signer" => Credential.Signed(new OwnSigner(), "X-Signed"),
        _ => Credential.Digest("user", "canary-pass").And(Credential.Signed(new OwnSigner(), "X-Signed")),
    };

    [Theory, MemberData(nameof(Kinds))]
    [Trait("Cve", "1")]
    [Trait("Cve", "7")]
    public async Task Redirect_to_another_origin_takes_nothing_of_a_credential_along(string kind)
    {
        await using var tokens = new TokenServer();
        await using var away = Challenging("x");
        await using var home = Challenging(away.Url.ToString());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Make(kind, tokens) });
        foreach (var url in new[] { home.Url, away.Url, home.Url })
            (await client.GetAsync(url.ToString(), cancellationToken: Stop)).Dispose();
        Assert.Contains(home.Requests, request => Array.Exists(Fields, request.Headers.Contains));
        Assert.True(away.Requests.Count >= 3);
        Assert.All(away.Requests, request => Assert.DoesNotContain(Fields, request.Headers.Contains));
    }

    [Theory, MemberData(nameof(Kinds))]
    [Trait("Cve", "1")]
    public async Task Credential_of_a_request_stays_on_the_origin_that_the_caller_named(string kind)
    {
        await using var tokens = new TokenServer();
        await using var away = Challenging("x");
        await using var home = Challenging(away.Url.ToString());
        using var client = new HTTPClient(RawAnswer.Options);
        var options = new RequestOptions { Credential = Make(kind, tokens) };
        (await client.PostAsync(home.Url.ToString(), RequestBody.Text("x"), options, Stop)).Dispose();
        (await client.GetAsync(away.Url.ToString(), options, Stop)).Dispose();
        Assert.Contains(home.Requests, request => Array.Exists(Fields, request.Headers.Contains));
        Assert.All(away.Requests, request => Assert.DoesNotContain(Fields, request.Headers.Contains));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Credential_made_for_an_origin_is_used_for_no_other_even_first(string kind)
    {
        await using var tokens = new TokenServer();
        await using var away = Challenging("x");
        await using var home = Challenging("x");
        using var client = new HTTPClient(RawAnswer.Options with { BaseUrl = home.Url.ToString(), AllowOtherOrigins = true, Credential = Make(kind, tokens) });
        (await client.GetAsync(away.Url.ToString(), cancellationToken: Stop)).Dispose();
        (await client.GetAsync("", cancellationToken: Stop)).Dispose();
        Assert.Contains(home.Requests, request => Array.Exists(Fields, request.Headers.Contains));
        Assert.All(away.Requests, request => Assert.DoesNotContain(Fields, request.Headers.Contains));
    }

    [Theory, MemberData(nameof(Kinds))]
    [Trait("Cve", "13")]
    public async Task Secrets_of_a_credential_are_in_no_log_span_or_error(string kind)
    {
        using var capture = TelemetryCapture.Start();
        await using var tokens = new TokenServer();
        await using var server = Challenging("x");
        server.Map("GET", "/broken", exchange => { exchange.Abort(reset: true); return Task.CompletedTask; });
        var credential = Make(kind, tokens);
        using var client = new HTTPClient(RawAnswer.Options with { Logger = capture.Logger, Credential = credential });
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
        var error = await RawAnswer.FailureAsync(client, new Uri(server.Url, "broken"));
        var told = $"{capture}\n{error}\n{credential}\n{response}\n{client.Options}";
        Assert.All(new[] { "canary", "s3cr", "token-1", Convert.ToBase64String("user:canary-pass"u8) }, secret => Assert.DoesNotContain(secret, told));
    }

    [Fact]
    public async Task Credential_of_a_request_that_answers_later_still_beats_the_clients()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Bearer("client") });
        using var response = await client.GetAsync($"{server.Url}digest-auth/auth/user/pass", new RequestOptions { Credential = Credential.Digest("user", "pass") }, Stop);
        Assert.Equal(200, response.Status);
        Assert.Equal([null, "Digest"], server.Requests.Select(request => request.Headers["Authorization"]?.Split(' ')[0]));
    }

    [Fact]
    public async Task Field_of_the_request_beats_a_credential_that_would_set_it()
    {
        await using var tokens = new TokenServer();
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.OAuth2(tokens.Options) });
        (await client.GetAsync(tokens.DataUrl, new RequestOptions { Headers = new HeaderMap { ["Authorization"] = "Own 1" } }, Stop)).Dispose();
        Assert.Equal("Own 1", Assert.Single(tokens.Server.Requests).Headers["Authorization"]);
    }

    [Fact]
    public async Task Cache_keeps_the_answers_of_callers_apart_whose_credentials_answer_later()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.Headers["Authorization"] is { } given
            ? exchange.RespondAsync(200, given.Split('"')[1], headers: [new("Cache-Control", "max-age=60")])
            : exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256")]));
        var cache = new HttpCache();
        foreach (var user in new[] { "alice", "bob", "alice" })
        {
            using var client = new HTTPClient(RawAnswer.Options with { Cache = cache, Credential = Credential.Digest(user, "pass") });
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
            Assert.Equal(user, response.Text);
        }
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task Identical_requests_of_different_callers_are_not_shared()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", async exchange =>
        {
            if (Interlocked.Increment(ref count) == 2)
                arrived.SetResult();
            await arrived.Task.WaitAsync(RawAnswer.Patience);
            await exchange.RespondAsync(200, exchange.Headers["X-Signed"] ?? "");
        });
        using var client = new HTTPClient(RawAnswer.Options with { CoalesceRequests = true });
        var answers = await Task.WhenAll(new[] { "alice", "bob" }.Select(user =>
            client.GetAsync(server.Url.ToString(), new RequestOptions { Credential = Credential.Signed(new OwnSigner(user), "X-Signed") }, Stop)));
        Assert.Equal(["alice", "bob"], answers.Select(answer => answer.Text));
    }

    [Fact]
    public async Task Signer_sees_the_whole_message_and_its_digest()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var signer = new OwnSigner();
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Signed(signer, "X-Signed"), UserAgent = "me", Headers = new HeaderMap { ["X-Own"] = "1" } });
        (await client.PostAsync(server.Url + "post?q=1", RequestBody.Text("body"), cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal($"POST {server.Url}post?q=1 4 {Convert.ToHexString(SHA256.HashData("body"u8))}", signer.Seen);
        Assert.Equal(["Accept-Encoding", "Content-Length", "Content-Type", "Host", "User-Agent", "X-Own"], signer.Names.Order());
    }

    [Fact]
    public async Task Signer_that_fails_is_no_failing_network_and_its_request_is_not_sent()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.Signed(new OwnSigner(fails: true), "X-Signed") });
        var error = await RawAnswer.FailureAsync(client, server.Url);
        Assert.Equal((ErrorCodes.HttpAuthentication, WasSent.Never, false), (error.Code, error.WasSent, error.IsTransient));
        Assert.IsType<IOException>(error.InnerException);
        Assert.Empty(server.Requests);
    }

    /// <summary>Wants a digest, then redirects, or answers where there is no place to.</summary>
    private static LoopbackServer Challenging(string location)
    {
        var server = LoopbackServer.Start();
        server.Map("*", "/{**rest}", exchange =>
        {
            if (!Array.Exists(Fields, exchange.Headers.Contains))
                return exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256")]);
            return location == "x" ? exchange.RespondAsync(200) : exchange.RespondAsync(307, headers: [new("Location", location)]);
        });
        return server;
    }

    private sealed class OwnSigner(string name = "signed", bool fails = false) : RequestSigner
    {
        public string? Seen { get; private set; }

        public List<string> Names { get; } = [];

        public override async ValueTask SignAsync(RequestToSign request, CancellationToken cancellationToken)
        {
            if (fails)
                throw new IOException("the token device is gone");
            Names.AddRange(request.Headers.Select(field => field.Key));
            Seen = $"{request.Method} {request.Url} {request.BodyLength} {Convert.ToHexString(await request.HashBodyAsync(HashAlgorithmName.SHA256, cancellationToken))}";
            request.SetHeader("X-Signed", name);
        }
    }
}
