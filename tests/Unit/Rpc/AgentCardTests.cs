using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Rpc;

/// <summary>Row of the callers' table: agent card, discovery fetch, signed card.</summary>
public sealed class AgentCardTests : IAsyncDisposable
{
    // The example of A2A 1.0, section 8.4.1, and what a card needs beside.
    private const string Card = """
        {"name":"Example Agent","description":"","version":"1.2.0","capabilities":{"streaming":false,"pushNotifications":false,"extensions":[]},"skills":[],"defaultInputModes":[],"price":1e21,"half":0.50,
        "supportedInterfaces":[{"url":"https://agent.example/a2a","protocolBinding":"JSONRPC","protocolVersion":"1.0"}],"text":"\u20ac\u0007\"\\/"}
        """;

    private const string Canonical =
        "{\"capabilities\":{\"pushNotifications\":false,\"streaming\":false},\"defaultInputModes\":[],\"description\":\"\",\"half\":0.5,\"name\":\"Example Agent\",\"price\":1e+21,\"skills\":[]," +
        "\"supportedInterfaces\":[{\"protocolBinding\":\"JSONRPC\",\"protocolVersion\":\"1.0\",\"url\":\"https://agent.example/a2a\"}],\"text\":\"\u20ac\\u0007\\\"\\\\/\",\"version\":\"1.2.0\"}";

    private readonly LoopbackServer _server = LoopbackServer.Start();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly HTTPClient _client = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private AgentCardOptions Options => new() { Client = _client };

    [Fact]
    public async Task A_signed_card_is_believed_by_the_keys_of_its_own_origin()
    {
        Publish(Sign(Card, _key, "ES256", "key-1", _server.Url + "keys"));
        var card = await AgentCards.FetchAsync(_server.Url.AbsoluteUri, Options, Stop);
        Assert.Equal(("Example Agent", "1.2.0", "key-1", _server.Url + "keys"), (card.Name, card.Version, card.SignedBy, card.KeySetUrl));
        Assert.Equal(new AgentInterface("https://agent.example/a2a", "JSONRPC", "1.0"), Assert.Single(card.Interfaces));
        Assert.Equal(AgentCards.WellKnownPath, card.Url.AbsolutePath);
    }

    [Theory]
    [InlineData("ES384")]
    [InlineData("ES512")]
    [InlineData("RS256")]
    [InlineData("PS256")]
    public async Task Other_algorithms_of_public_keys_are_known(string algorithm)
    {
        using var elliptic = ECDsa.Create(algorithm == "ES384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP521);
        using var rsa = RSA.Create(2048);
        Publish(Sign(Card, algorithm[0] == 'E' ? elliptic : rsa, algorithm, "k", _server.Url + "keys"), Keys(algorithm[0] == 'E' ? elliptic : rsa, "k"));
        Assert.Equal("k", (await AgentCards.FetchAsync(_server.Url.AbsoluteUri, Options, Stop)).SignedBy);
    }

    [Fact]
    public async Task Keys_that_are_known_before_need_no_place()
    {
        Publish(Sign(Card, _key, "ES256", "key-1", null));
        var options = Options with { TrustedKeys = Keys(_key, "key-1") };
        Assert.Equal(("key-1", (string?)null), await AgentCards.FetchAsync(_server.Url.AbsoluteUri, options, Stop) is var card ? (card.SignedBy!, card.KeySetUrl) : default);
        Assert.DoesNotContain(_server.Requests, static request => request.Path == "/keys");
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "another name", "signature.invalid" },
        { "another key", "signature.invalid" },
        { "no algorithm", "signature.invalid" },
        { "shared secret", "signature.invalid" },
        { "keys elsewhere", "signature.invalid" },
        { "critical extension", "signature.invalid" },
        { "cut signature", "signature.invalid" },
        { "weak key", "signature.invalid" },
        { "nothing", "signature.missing" },
        { "empty list", "signature.missing" },
        { "nonsense", "signature.invalid" },
    };

    [Theory, MemberData(nameof(Forgeries))]
    public async Task A_forged_card_is_not_believed(string forgery, string code)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var weak = RSA.Create(1024);
        await using var elsewhere = LoopbackServer.Start();
        elsewhere.Map("GET", "/keys", exchange => exchange.RespondAsync(200, Keys(other, "key-1"), "application/json"));
        var keys = _server.Url + "keys";
        var card = forgery switch
        {
            "another name" => Sign(Card, _key, "ES256", "key-1", keys).Replace("Example Agent", "Evil Agent", StringComparison.Ordinal),
            "another key" => Sign(Card, other, "ES256", "key-1", keys),
            "no algorithm" => Sign(Card, _key, "none", "key-1", keys),
            "shared secret" => Sign(Card, _key, "HS256", "key-1", keys),
            "keys elsewhere" => Sign(Card, other, "ES256", "key-1", elsewhere.Url + "keys"),
            "critical extension" => Sign(Card, _key, "ES256", "key-1", keys, ""","crit":["b64"],"b64":true"""),
            "cut signature" => Sign(Card, _key, "ES256", "key-1", keys).Replace("==", "", StringComparison.Ordinal).Replace("\"signature\":\"", "\"signature\":\"AAAA", StringComparison.Ordinal),
            "weak key" => Sign(Card, weak, "RS256", "weak", keys),
            "empty list" => Card.TrimEnd()[..^1] + ",\"signatures\":[]}",
            "nonsense" => Card.TrimEnd()[..^1] + ",\"signatures\":[1,{},{\"protected\":\"!\",\"signature\":\"\"},{\"protected\":\"e30\",\"signature\":\"e30\"}]}",
            _ => Card,
        };
        Publish(card, forgery == "weak key" ? Keys(weak, "weak") : null);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => AgentCards.FetchAsync(_server.Url.AbsoluteUri, Options, Stop));
        Assert.Equal(code, error.Code);
        Assert.Equal(0, elsewhere.ConnectionCount);
        // To take unsigned cards is not to take forged ones.
        if (code == "signature.invalid")
            await Assert.ThrowsAnyAsync<NetworkException>(() => AgentCards.FetchAsync(_server.Url.AbsoluteUri, Options with { AllowUnsigned = true }, Stop));
        else
            Assert.Null((await AgentCards.FetchAsync(_server.Url.AbsoluteUri, Options with { AllowUnsigned = true }, Stop)).SignedBy);
    }

    [Fact]
    public async Task Keys_of_another_origin_are_taken_where_it_is_trusted()
    {
        await using var elsewhere = LoopbackServer.Start();
        elsewhere.Map("GET", "/keys", exchange => exchange.RespondAsync(200, Keys(_key, "key-1"), "application/json"));
        Publish(Sign(Card, _key, "ES256", "key-1", elsewhere.Url + "keys"));
        var options = Options with { TrustedKeyOrigins = [elsewhere.Url.GetLeftPart(UriPartial.Authority)] };
        Assert.Equal(elsewhere.Url + "keys", (await AgentCards.FetchAsync(_server.Url.AbsoluteUri, options, Stop)).KeySetUrl);
    }

    [Theory, Trait("Cve", "36")]
    [InlineData("http://169.254.169.254")]
    [InlineData("http://127.0.0.1:9")]
    [InlineData("http://[::ffff:169.254.169.254]")]
    public async Task Agent_card_fetch_to_metadata_is_blocked_by_default(string url) =>
        Assert.Equal("policy.denied", (await Assert.ThrowsAsync<PolicyException>(() => AgentCards.FetchAsync(url, cancellationToken: Stop))).Code);

    [Fact]
    public async Task A_redirect_of_card_or_keys_is_not_followed()
    {
        await using var elsewhere = LoopbackServer.Start().Map("GET", "/x", static exchange => exchange.RespondAsync(200, "{}"));
        _server.Map("GET", AgentCards.WellKnownPath, exchange => exchange.RespondAsync(302, headers: [new("Location", elsewhere.Url + "x")]));
        Assert.Equal("http.status", (await Assert.ThrowsAsync<HTTPException>(() => AgentCards.FetchAsync(_server.Url.AbsoluteUri, Options, Stop))).Code);
        Assert.Equal(0, elsewhere.ConnectionCount);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}")]
    [InlineData("{\"name\":\"\\ud800\"}")]
    [InlineData("{\"n\":1e999}")]
    public async Task What_is_no_card_is_told_so(string body)
    {
        Publish(body);
        Assert.Equal("http.decode", (await Assert.ThrowsAsync<HTTPException>(() => AgentCards.FetchAsync(_server.Url.AbsoluteUri, Options with { AllowUnsigned = true }, Stop))).Code);
    }

    [Theory]
    // RFC 8785, appendix B, and section 3.2.3.
    [InlineData("4.50", "4.5")]
    [InlineData("2e-3", "0.002")]
    [InlineData("0.000000000000000000000000001", "1e-27")]
    [InlineData("1E30", "1e+30")]
    [InlineData("333333333.33333329", "333333333.3333333")]
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("295147905179352830000", "295147905179352830000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1e23", "1e+23")]
    [InlineData("9.999999999999997e22", "9.999999999999997e+22")]
    [InlineData("1e-6", "0.000001")]
    [InlineData("1e-7", "1e-7")]
    [InlineData("-0", "0")]
    [InlineData("-1.5e-9", "-1.5e-9")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("123456789012345680", "123456789012345680")]
    [InlineData("[ true , null,{\"b\":1,\"a\":\"\\u00e9\\u000f\"} ]", "[true,null,{\"a\":\"\u00e9\\u000f\",\"b\":1}]")]
    [InlineData("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}", "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\U0001F600\":5,\"\ufb33\":3}")]
    public async Task Canonical_form_is_that_of_rfc_8785(string json, string canonical)
    {
        // Through the only door: a card with that member, signed over the form that is expected.
        var card = $$"""{"name":"x","value":{{json}}}""";
        Publish(Sign(card, _key, "ES256", "key-1", _server.Url + "keys", canonical: $$"""{"name":"x","value":{{canonical}}}"""));
        Assert.Equal("key-1", (await AgentCards.FetchAsync(_server.Url.AbsoluteUri, Options, Stop)).SignedBy);
    }

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    private void Publish(string card, string? keys = null) => _server
        .Map("GET", AgentCards.WellKnownPath, exchange => exchange.RespondAsync(200, card, "application/json"))
        .Map("GET", "/keys", exchange => exchange.RespondAsync(200, keys ?? Keys(_key, "key-1"), "application/json"));

    private static string Sign(string card, AsymmetricAlgorithm key, string algorithm, string id, string? keys, string more = "", string canonical = Canonical)
    {
        var place = keys is null ? "" : $",\"jku\":\"{keys}\"";
        var head = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","typ":"JOSE","kid":"{{id}}"{{place}}{{more}}}"""));
        var data = Encoding.ASCII.GetBytes($"{head}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(canonical))}");
        var hash = algorithm[^3..] switch { "384" => HashAlgorithmName.SHA384, "512" => HashAlgorithmName.SHA512, _ => HashAlgorithmName.SHA256 };
        var signature = key is ECDsa elliptic ? elliptic.SignData(data, hash) : ((RSA)key).SignData(data, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        return $$"""{{card.TrimEnd()[..^1]}},"signatures":[{"protected":"{{head}}","signature":"{{Base64Url.EncodeToString(signature)}}"}]}""";
    }

    private static string Keys(AsymmetricAlgorithm key, string id)
    {
        if (key is RSA rsa)
        {
            var numbers = rsa.ExportParameters(false);
            return $$"""{"keys":[{"kty":"oct","k":"AA"},{"kty":"RSA","kid":"{{id}}","use":"sig","n":"{{Base64Url.EncodeToString(numbers.Modulus)}}","e":"{{Base64Url.EncodeToString(numbers.Exponent)}}"}]}""";
        }
        var point = ((ECDsa)key).ExportParameters(false).Q;
        var curve = point.X!.Length switch { 32 => "P-256", 48 => "P-384", _ => "P-521" };
        return $$"""{"keys":[{"kty":"EC","kid":"{{id}}","crv":"{{curve}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""";
    }
}
