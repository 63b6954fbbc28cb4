using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>HTTP message signatures (RFC 9421): the vectors of its appendix B, and what the client signs.</summary>
public class MessageSignatureTests
{
    private const string RequestDigest = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
    private static readonly DateTimeOffset Created = DateTimeOffset.FromUnixTimeSeconds(1618884473);
    private static readonly byte[] SharedSecret = Convert.FromBase64String("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Hmac_example_of_the_rfc_is_signed_as_there()
    {
        var (text, parameters) = Base(["date", "@authority", "content-type"], "test-shared-secret");
        Assert.Equal("(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"", parameters);
        Assert.Equal("pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=", Convert.ToBase64String(MessageSigningKey.Hmac(SharedSecret, "test-shared-secret").Sign(text)));
    }

    [Theory]
    [InlineData("d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==", "")]
    [InlineData("bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==",
        "date @method @path @query @authority content-type content-digest content-length")]
    public void Rsa_pss_examples_of_the_rfc_verify_against_our_text(string signature, string components)
    {
        using var key = RSA.Create();
        key.ImportFromPem("""
            -----BEGIN PUBLIC KEY-----
            MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
            +QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
            oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
            gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
            Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
            aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
            2wIDAQAB
            -----END PUBLIC KEY-----
            """);
        var names = components.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Appendix B.2.1 signs nothing but its parameters.
        var text = names.Length == 0
            ? SignatureBase.Build([], SignatureBase.Parameters([], Created, nonce: null, keyId: "test-key-rsa-pss") + ";nonce=\"b3k2pp5k7z-50gnwp.yemd\"", _ => "")
            : Base(names, "test-key-rsa-pss").Text;
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(text), Convert.FromBase64String(signature), HashAlgorithmName.SHA512, RSASignaturePadding.Pss), text);
    }

    [Fact]
    public void Ecdsa_example_of_the_rfc_verifies_against_our_text()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem("""
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
            w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
            -----END PUBLIC KEY-----
            """);
        SignatureComponent[] components = [new("@status", ""), new("content-type", ""), new("content-digest", ""), new("content-length", "")];
        var text = SignatureBase.Build(components, SignatureBase.Parameters(components, Created, keyId: "test-key-ecc-p256"), component => component.Name switch
        {
            "@status" => "200",
            "content-type" => "application/json",
            "content-length" => "23",
            _ => "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:",
        });
        var signature = Convert.FromBase64String("wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==");
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(text), signature, HashAlgorithmName.SHA256), text);
    }

    [Fact]
    public async Task Request_is_signed_with_its_content_digest_expiry_nonce_and_tag()
    {
        var clock = new FakeTimeProvider(Created);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var options = new MessageSignatureOptions { Key = MessageSigningKey.Ecdsa(key, "mine"), Tag = "test", Components = ["@method", "@target-uri", "@query-param;name=\"a%20b\"", "content-digest", "content-type"] };
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Credential = Credential.MessageSignature(options) });
        (await client.PostAsync(server.Url + "post?a%20b=c+d", RequestBody.Text("{\"hello\": \"world\"}", "application/json"), cancellationToken: Stop)).EnsureSuccess().Dispose();
        var request = server.Requests[0];
        Assert.Equal("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:", request.Headers["Content-Digest"]);
        var input = request.Headers["Signature-Input"]!;
        Assert.Matches("^sig1=\\(\"@method\" \"@target-uri\" \"@query-param\";name=\"a%20b\" \"content-digest\" \"content-type\"\\);created=1618884473;expires=1618884773;nonce=\"[0-9a-f]{32}\";keyid=\"mine\";tag=\"test\"$", input);
        Verify(key, request, $"\"@method\": POST\n\"@target-uri\": {server.Url}post?a%20b=c+d\n\"@query-param\";name=\"a%20b\": c%20d\n" +
            "\"content-digest\": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:\n\"content-type\": application/json\n");
    }

    [Fact]
    public async Task Content_digest_is_left_out_without_a_body_and_a_missing_field_is_an_error()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var key = MessageSigningKey.Hmac("secret"u8, "k");
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.MessageSignature(new MessageSignatureOptions { Key = key }) });
        (await client.GetAsync(server.Url + "get", cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.StartsWith("sig1=(\"@method\" \"@target-uri\");", server.Requests[0].Headers["Signature-Input"]);
        Assert.False(server.Requests[0].Headers.Contains("Content-Digest"));
        using var other = new HTTPClient(RawAnswer.Options with { Credential = Credential.MessageSignature(new MessageSignatureOptions { Key = key, Components = ["x-own"] }) });
        var error = await RawAnswer.FailureAsync(other, new Uri(server.Url, "get"));
        Assert.Equal((ErrorCodes.HttpAuthentication, WasSent.Never), (error.Code, error.WasSent));
        Assert.Contains("x-own", error.Message);
    }

    [Fact]
    public async Task Every_derived_component_has_the_value_of_the_request()
    {
        using var key = RSA.Create(2048);
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var options = new MessageSignatureOptions
        {
            Key = MessageSigningKey.RsaPss(key),
            Components = ["@authority", "@scheme", "@request-target", "@path", "@query", "host", "user-agent"],
        };
        using var client = new HTTPClient(RawAnswer.Options with { UserAgent = "me", Credential = Credential.MessageSignature(options) });
        (await client.GetAsync(server.Url + "get", cancellationToken: Stop)).EnsureSuccess().Dispose();
        var request = server.Requests[0];
        var text = $"\"@authority\": {server.Url.Authority}\n\"@scheme\": http\n\"@request-target\": /get\n\"@path\": /get\n\"@query\": ?\n\"host\": {server.Url.Authority}\n\"user-agent\": me\n" +
            $"\"@signature-params\": {request.Headers["Signature-Input"]!["sig1=".Length..]}";
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(text), Signature(request), HashAlgorithmName.SHA512, RSASignaturePadding.Pss), text);
    }

    [Fact]
    public async Task Web_bot_auth_names_the_agent_and_is_computed_for_each_origin_of_a_chain()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var away = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var home = LoopbackServer.Start();
        home.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", away.Url + "get")]));
        var options = new WebBotAuthOptions { Key = MessageSigningKey.Ecdsa(key), SignatureAgent = "https://bot.test", ToEveryOrigin = true };
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.WebBotAuth(options) });
        (await client.GetAsync(home.Url.ToString(), cancellationToken: Stop)).EnsureSuccess().Dispose();
        foreach (var (server, request) in new[] { (home, home.Requests[0]), (away, away.Requests[0]) })
        {
            Assert.Equal("sig1=\"https://bot.test\"", request.Headers["Signature-Agent"]);
            Assert.Matches("^sig1=\\(\"@authority\" \"signature-agent\";key=\"sig1\"\\);created=\\d+;expires=\\d+;nonce=\"[0-9a-f]+\";keyid=\"[\\w-]{43}\";tag=\"web-bot-auth\"$", request.Headers["Signature-Input"]);
            Verify(key, request, $"\"@authority\": {server.Url.Authority}\n\"signature-agent\";key=\"sig1\": \"https://bot.test\"\n");
        }
    }

    [Fact]
    public async Task Web_bot_auth_goes_to_one_origin_unless_told_otherwise_and_beside_a_login()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var away = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var home = LoopbackServer.Start();
        home.Map("GET", "/", exchange => exchange.RespondAsync(302, headers: [new("Location", away.Url + "get")]));
        var identity = Credential.WebBotAuth(new WebBotAuthOptions { Key = MessageSigningKey.Ecdsa(key), SignatureAgent = "https://bot.test" });
        using var client = new HTTPClient(RawAnswer.Options with { Credential = identity.And(Credential.Bearer("t0ken")) });
        (await client.GetAsync(home.Url.ToString(), cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal("Bearer t0ken", home.Requests[0].Headers["Authorization"]);
        Assert.True(home.Requests[0].Headers.Contains("Signature"));
        Assert.All(new[] { "Signature", "Signature-Input", "Signature-Agent", "Authorization" }, name => Assert.False(away.Requests[0].Headers.Contains(name)));
    }

    [Fact]
    public void Thumbprint_is_that_of_the_rfc()
    {
        // RFC 7638, section 3.1.
        using var key = RSA.Create(new RSAParameters
        {
            Exponent = [1, 0, 1],
            Modulus = System.Buffers.Text.Base64Url.DecodeFromChars(
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"),
        });
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", MessageSigningKey.RsaPss(key).KeyId);
    }

    [Theory]
    [InlineData("@status")]
    [InlineData("Content-Type")]
    [InlineData("content-type;sf")]
    [InlineData("@query-param")]
    [InlineData("@query-param;name=\"\"")]
    [InlineData("")]
    [InlineData("@method @method")]
    public void Component_that_cannot_be_signed_is_an_argument_error(string component) =>
        Assert.ThrowsAny<ArgumentException>(() => Credential.MessageSignature(new MessageSignatureOptions { Key = MessageSigningKey.Hmac([1], "k"), Components = component.Split(' ') }));

    private static void Verify(ECDsa key, RecordedRequest request, string components)
    {
        var text = $"{components}\"@signature-params\": {request.Headers["Signature-Input"]!["sig1=".Length..]}";
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(text), Signature(request), HashAlgorithmName.SHA256), text);
    }

    private static byte[] Signature(RecordedRequest request)
    {
        var field = request.Headers["Signature"]!;
        Assert.StartsWith("sig1=:", field);
        return Convert.FromBase64String(field["sig1=:".Length..^1]);
    }

    /// <summary>The text for the test request of appendix B.2.</summary>
    private static (string Text, string Parameters) Base(string[] names, string keyId)
    {
        var components = names.Select(name => SignatureComponent.Parse(name, "names")).ToArray();
        var parameters = SignatureBase.Parameters(components, Created, keyId: keyId);
        return (SignatureBase.Build(components, parameters, component => component.Name switch
        {
            "@method" => "POST",
            "@path" => "/foo",
            "@query" => "?param=Value&Pet=dog",
            "@authority" => "example.com",
            "date" => "Tue, 20 Apr 2021 02:07:55 GMT",
            "content-type" => "application/json",
            "content-digest" => RequestDigest,
            _ => "18",
        }), parameters);
    }
}
