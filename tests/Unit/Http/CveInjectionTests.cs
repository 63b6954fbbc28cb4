using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Line breaks and control characters on their way into a request. Each is refused before a byte is sent.</summary>
[Trait("Cve", "14")]
public class CveInjectionTests
{
    public static TheoryData<string> Evil => ["a\r\nInjected: 1", "a\rb", "a\nb", "a\0b", "\u010d\u010a", "a\u0001b", "a\x7fb"];

    [Theory]
    [MemberData(nameof(Evil))]
    public void Value_of_a_field_is_refused(string value)
    {
        Assert.Throws<ArgumentException>(() => new HeaderMap { ["X"] = value });
        Assert.Throws<ArgumentException>(() => new HeaderMap().Add("X", value));
        Assert.Throws<ArgumentException>(() => new HeaderMap([new("X", value)]));
        Assert.Throws<ArgumentException>(() => Credential.Bearer(value));
        Assert.Throws<ArgumentException>(() => Credential.ApiKey(value));
        Assert.Throws<ArgumentException>(() => RequestBody.Text("x", value));
        Assert.Throws<ArgumentException>(() => RequestBody.Bytes(new byte[1], value));
        Assert.Throws<ArgumentException>(() => new HTTPClient(new HTTPClientOptions { UserAgent = value }));
    }

    [Theory]
    [MemberData(nameof(Evil))]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("Connection")]
    [InlineData("transfer-encoding")]
    [InlineData("Content-Length")]
    [InlineData("Keep-Alive")]
    [InlineData("Upgrade")]
    public void Name_of_a_field_is_refused(string name) => Assert.Throws<ArgumentException>(() => new HeaderMap { [name] = "x" });

    [Theory]
    [MemberData(nameof(Evil))]
    [InlineData("")]
    [InlineData("GET /x HTTP/1.1")]
    [InlineData("G(T")]
    public async Task Method_is_refused(string method)
    {
        await using var server = LoopbackServer.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(new Request(method, server.Url.ToString()), TestContext.Current.CancellationToken));
        Assert.Equal(0, server.ConnectionCount);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/a\r\nInjected: 1")]
    [InlineData("http://127.0.0.1:{0}/a b")]
    [InlineData("http://127.0.0.1:{0}/a\0b")]
    [InlineData("http://127.0.0.1:{0}/?q=a\nb")]
    [InlineData("http://127.0.0.1\r\n:{0}/")]
    [InlineData("http://127.0.0.1:{0}\t/")]
    [InlineData("http://127.0.0.1:{0}/#\r\n")]
    [InlineData(" http://127.0.0.1:{0}/")]
    public async Task Url_is_refused(string url)
    {
        await using var server = LoopbackServer.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            client.GetAsync(url.Replace("{0}", server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(0, server.ConnectionCount);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/a%0d%0aInjected:%201")]
    [InlineData("http://127.0.0.1:{0}/%00")]
    [InlineData("http://127.0.0.1:{0}/\u010d\u010aInjected:1")]
    [InlineData("http://127.0.0.1:{0}/?q=\u560a\u560d")]
    public async Task Escaped_line_break_in_a_url_stays_escaped(string url)
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/{**rest}", exchange => exchange.RespondAsync(200, "ok"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(
            url.Replace("{0}", server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), cancellationToken: TestContext.Current.CancellationToken);
        var request = Assert.Single(server.Requests);
        Assert.False(request.Headers.Contains("Injected"));
        Assert.DoesNotContain(request.Target, c => c is < ' ' or > '~');
    }

    [Theory]
    [MemberData(nameof(Evil))]
    public async Task Query_and_form_values_are_escaped(string value)
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/", async exchange => await exchange.RespondAsync(200, await exchange.ReadBodyAsync()));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.PostAsync(server.Url.ToString(), RequestBody.Form([new(value, value)]),
            new RequestOptions { Query = [new(value, value)] }, TestContext.Current.CancellationToken);
        var request = Assert.Single(server.Requests);
        Assert.Equal(value, request.Query[value]);
        Assert.DoesNotContain(response.Text, char.IsControl);
    }

    [Theory]
    [MemberData(nameof(Evil))]
    public async Task Idempotency_key_is_refused(string key)
    {
        await using var server = LoopbackServer.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            client.GetAsync(server.Url.ToString(), new RequestOptions { IdempotencyKey = key }, TestContext.Current.CancellationToken));
        Assert.Equal(0, server.ConnectionCount);
    }

    [Theory]
    [InlineData("a\r\nContent-Type: text/html")]
    [InlineData("a\"; filename=\"evil.php")]
    [InlineData("a\nb")]
    public async Task Name_and_file_name_of_a_part_are_escaped(string name)
    {
        var form = RequestBody.Multipart(new MultipartPart(name, RequestBody.Text("x"), name));
        var written = new MemoryStream();
        await form.WriteAsync(written, TestContext.Current.CancellationToken);
        var text = System.Text.Encoding.UTF8.GetString(written.ToArray());
        var head = text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
        Assert.Equal(3, head.Length);
        Assert.Equal(4, head[1].Count(c => c == '"'));
    }

    [Fact]
    public void Part_with_a_nul_in_its_name_is_refused() =>
        Assert.Throws<ArgumentException>(() => RequestBody.Multipart(MultipartPart.Field("a\0b", "x")));

    [Theory]
    [MemberData(nameof(Evil))]
    public async Task Content_type_of_a_body_of_the_callers_own_is_refused(string type)
    {
        Assert.Throws<ArgumentException>(() => RequestBody.Multipart(new MultipartPart("a", new OwnBody(type))));
        await using var server = LoopbackServer.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        await Assert.ThrowsAsync<ArgumentException>(() => client.PostAsync(server.Url.ToString(), new OwnBody(type), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    public async Task Connect_is_no_method_of_a_request()
    {
        await using var server = LoopbackServer.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(new Request("CONNECT", server.Url.ToString()), TestContext.Current.CancellationToken));
        Assert.Equal(0, server.ConnectionCount);
    }

    private sealed class OwnBody(string type) : RequestBody
    {
        public override string ContentType => type;

        public override long? Length => 0;

        public override ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken) => default;
    }
}
