using System.Net;
using System.Text.Json.Serialization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>What a response says: JSON, links, cookies, problem details, timings, the connection it came over.</summary>
public partial class ResponseTests
{
    private static async Task<Response> GetAsync(byte[] body, string headers = "", string status = "200 OK")
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(body, headers, status));
        using var client = new HTTPClient(RawAnswer.Options);
        return await client.GetAsync(server.Url + "dir/page?q=1", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Json_is_sent_and_read_by_source_generated_metadata()
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/", async exchange => await exchange.RespondAsync(200, await exchange.ReadBodyAsync(), "application/json"));
        using var client = new HTTPClient(RawAnswer.Options);
        var item = new Item("\u00fc", 3, null);
        using var response = await client.PostAsync(server.Url.ToString(), item, ItemJson.Default.Item, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("application/json", server.Requests[0].Headers["Content-Type"]);
        Assert.Equal(item, response.Json(ItemJson.Default.Item));
        Assert.Equal(3, response.Json().GetProperty("count").GetInt32());
        Assert.Equal(item, response.Json<Item>());
    }

    [Theory]
    [InlineData("{\"name\":")]
    [InlineData("<html>")]
    [InlineData("")]
    [InlineData("{\"count\":\"not a number\"}")]
    public async Task Body_that_is_not_the_json_expected_is_a_decode_error_with_its_beginning(string body)
    {
        using var response = await GetAsync(RawAnswer.Latin1(body), "Content-Type: application/json\r\nX-Request-Id: id-1\r\n");
        var error = Assert.Throws<HTTPException>(() => response.Json(ItemJson.Default.Item));
        Assert.Equal((ErrorCodes.HttpDecode, 200, "id-1", WasSent.Yes), (error.Code, error.Status, error.Failure.RequestId, error.WasSent));
        Assert.Equal(body.Length == 0 ? null : body, error.BodyExcerpt);
    }

    [Fact]
    public async Task Json_of_a_refusal_in_text_names_the_status_first()
    {
        using var response = await GetAsync("no such page"u8.ToArray(), "Content-Type: text/plain\r\n", "404 Not Found");
        var error = Assert.Throws<HTTPException>(() => response.Json());
        Assert.Equal((ErrorCodes.HttpDecode, 404, "no such page"), (error.Code, error.Status, error.BodyExcerpt));
        Assert.StartsWith($"{response.Endpoint} answered 404 Not Found", error.Message);
        Assert.Contains("EnsureSuccess", error.Hint);
        Assert.DoesNotContain("Encoding", error.Hint);
    }

    [Fact]
    public async Task Json_with_a_byte_order_mark_is_read()
    {
        using var response = await GetAsync([0xef, 0xbb, 0xbf, .. "{\"name\":\"x\",\"count\":1}"u8]);
        Assert.Equal("x", response.Json(ItemJson.Default.Item)!.Name);
    }

    [Fact]
    public async Task Links_are_read_with_relation_target_and_parameters()
    {
        using var response = await GetAsync([],
            "Link: <?page=2>; rel=\"next\"; title=\"a, b; c\", </last>; rel=last\r\nLink: <//other.test/x>; rel=\"Up help\"; type=\"text/\\\"html\"\r\nLink: malformed, <broken\r\n");
        Assert.Equal(["next", "last", "up", "help"], response.Links.Select(link => link.Relation));
        Assert.Equal("/dir/page?page=2", response.Links[0].Target.PathAndQuery);
        Assert.Equal("a, b; c", response.Links[0].Parameters["title"]);
        Assert.Equal("http://other.test/x", response.Links[2].Target.ToString());
        Assert.Equal("text/\"html", response.Links[2].Parameters["type"]);
    }

    [Fact]
    public async Task Cookies_are_read_with_their_attributes()
    {
        using var response = await GetAsync([],
            "Set-Cookie: a=b=c; Path=/x; Domain=.A.test; Secure; HttpOnly; Expires=Wed, 21 Oct 2037 07:28:00 GMT\r\n" +
            "Set-Cookie: gone=; Max-Age=0\r\nSet-Cookie: bare=1\r\nSet-Cookie: =nameless\r\nSet-Cookie: novalue\r\nSet-Cookie: ctl=\x01\r\n");
        Assert.Equal(["a", "gone", "bare"], response.Cookies.Select(cookie => cookie.Name));
        var first = response.Cookies[0];
        Assert.Equal(("b=c", "/x", "a.test", true, true), (first.Value, first.Path, first.Domain, first.Secure, first.HttpOnly));
        Assert.Equal(new DateTime(2037, 10, 21, 7, 28, 0, DateTimeKind.Utc), first.Expires.ToUniversalTime());
        Assert.True(response.Cookies[1].Expired);
        Assert.Equal(("", "/dir"), (response.Cookies[2].Domain, response.Cookies[2].Path));
    }

    [Fact]
    public async Task Status_that_is_no_success_throws_with_problem_details_when_asked()
    {
        using var response = await GetAsync("{\"type\":\"https://a.test/out\",\"title\":\"Out of stock\",\"detail\":\"None left.\",\"instance\":\"/1\",\"status\":409}"u8.ToArray(),
            "Content-Type: application/problem+json; charset=utf-8\r\nRequest-Id: r-1\r\nRetry-After: 7\r\n", "409 Conflict");
        Assert.False(response.IsSuccess);
        var error = Assert.Throws<HTTPException>(response.EnsureSuccess);
        Assert.Equal((ErrorCodes.HttpStatus, 409, "r-1", TimeSpan.FromSeconds(7), false), (error.Code, error.Status, error.Failure.RequestId, error.RetryAfter, error.IsTransient));
        Assert.Equal(("https://a.test/out", "Out of stock", "None left.", "/1"), (error.Problem!.Type, error.Problem.Title, error.Problem.Detail, error.Problem.Instance));
        Assert.Contains("409 Conflict", error.Message);
        Assert.DoesNotContain("q=1", error.Message);
    }

    [Theory]
    [InlineData("500 Internal Server Error", true)]
    [InlineData("503 Service Unavailable", true)]
    [InlineData("429 Too Many Requests", true)]
    [InlineData("404 Not Found", false)]
    [InlineData("501 Not Implemented", false)]
    public async Task Error_of_a_status_knows_whether_it_is_transient_and_shows_the_beginning_of_the_body(string status, bool transient)
    {
        using var response = await GetAsync(RawAnswer.Latin1("\x1b[2Jbad" + new string('x', 5000)), "Content-Type: text/plain\r\n", status);
        var error = Assert.Throws<HTTPException>(response.EnsureSuccess);
        Assert.Equal(transient, error.IsTransient);
        Assert.StartsWith("\\u001b[2Jbad", error.BodyExcerpt);
        Assert.InRange(error.BodyExcerpt!.Length, 1000, 1100);
        Assert.Null(error.Problem);
    }

    [Fact]
    public async Task Success_is_returned_by_the_check_for_it()
    {
        using var response = await GetAsync([], status: "299 Fine");
        Assert.Same(response, response.EnsureSuccess());
    }

    [Fact]
    public async Task Streamed_error_that_was_buffered_shows_its_body()
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With("why"u8.ToArray(), status: "500 No"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(Assert.Throws<HTTPException>(response.EnsureSuccess).BodyExcerpt);
        await response.BufferAsync(TestContext.Current.CancellationToken);
        Assert.Equal("why", Assert.Throws<HTTPException>(response.EnsureSuccess).BodyExcerpt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Timings_show_the_phases_of_a_new_connection_and_none_of_a_reused_one(bool secure)
    {
        using var authority = new TestCertificateAuthority();
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = secure ? new LoopbackTlsOptions { Certificate = authority.Issue() } : null });
        server.Map("GET", "/", exchange => exchange.RespondAsync(200, "ok"));
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Transport = new Networking.Transport.TransportOptions { Tls = new Networking.Transport.TlsOptions { TrustedRoots = [authority.Root] } },
        });
        using var first = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        using var second = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((false, true), (first.IsReused, second.IsReused));
        Assert.NotNull(first.Timings.Connect);
        Assert.Equal(secure, first.Timings.Tls > TimeSpan.Zero);
        Assert.Null(first.Timings.Proxy);
        Assert.Equal((null, null, null, null), (second.Timings.Resolve, second.Timings.Connect, second.Timings.Proxy, second.Timings.Tls));
        foreach (var response in new[] { first, second })
        {
            Assert.InRange(response.Timings.FirstByte, TimeSpan.FromTicks(1), response.Timings.Total);
            Assert.Equal(new IPEndPoint(IPAddress.Loopback, server.Port), response.RemoteAddress);
            Assert.Equal($"127.0.0.1:{server.Port}", Assert.Single(response.Attempts).Address);
            Assert.Equal(secure, response.Tls is not null);
        }
        if (secure)
            Assert.Equal(("TLS 1.3", authority.Root.Subject), (first.Tls!.Protocol, first.Tls.Chain[^1].Subject));
    }

    [Fact]
    public async Task Head_has_the_fields_of_the_answer_and_no_body()
    {
        await using var server = RawAnswer.ThenStall("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\nContent-Encoding: gzip\r\n\r\n");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.HeadAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(("", "100000000"), (response.Text, response.Headers["Content-Length"]));
    }

    [Fact]
    public async Task Fields_are_read_without_case_and_repeated_ones_are_kept()
    {
        using var response = await GetAsync("x"u8.ToArray(), "Content-Type: Text/Plain; Charset=UTF-8\r\nX-A: 1\r\nx-a: 2\r\nX-Latin: \xfc\r\n");
        Assert.Equal(("text/plain", "1, 2", "\u00fc"), (response.ContentType, response.Headers["x-A"], response.Headers["X-Latin"]));
        Assert.Equal(["1", "2"], response.Headers.GetAll("X-A"));
    }

    internal sealed record Item(string Name, int Count, string? Note);

    [JsonSerializable(typeof(Item))]
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    private sealed partial class ItemJson : JsonSerializerContext;
}
