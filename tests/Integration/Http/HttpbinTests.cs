using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>The client against httpbin under gunicorn.</summary>
public sealed class HttpbinTests : IAsyncLifetime
{
    private readonly HTTPClient _client = new(Calls.Options);
    private HttpbinServer? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Url => _server!.Url;

    public async ValueTask InitializeAsync() => _server = await HttpbinServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task Every_method_arrives_with_query_fields_and_body()
    {
        var options = new RequestOptions { Query = [new("k k", "v&v")], Headers = new HeaderMap { ["X-Own"] = "1" } };
        foreach (var (method, path) in new[] { ("GET", "get"), ("POST", "post"), ("PUT", "put"), ("PATCH", "patch"), ("DELETE", "delete") })
        {
            var body = method == "GET" ? null : RequestBody.Text("{\"a\":1}", "application/json");
            using var response = await _client.SendAsync(new Request(method, Url + path) { Body = body, Options = options }, Stop);
            var echo = response.EnsureSuccess().Json();
            Assert.Equal("v&v", echo.GetProperty("args").GetProperty("k k").GetString());
            Assert.Equal("1", echo.GetProperty("headers").GetProperty("X-Own").GetString());
            if (body is not null)
                Assert.Equal(1, echo.GetProperty("json").GetProperty("a").GetInt32());
        }
    }

    [Theory]
    [InlineData("gzip", "gzipped")]
    [InlineData("deflate", "deflated")]
    [InlineData("brotli", "brotli")]
    public async Task Coded_body_of_another_implementation_is_decoded(string path, string flag)
    {
        using var response = await _client.GetAsync(Url + path, cancellationToken: Stop);
        Assert.True(response.EnsureSuccess().Json().GetProperty(flag).GetBoolean());
    }

    [Fact]
    public async Task Basic_and_bearer_credentials_are_accepted_and_wrong_ones_are_401()
    {
        using var right = await _client.GetAsync(Url + "basic-auth/user/pass", new RequestOptions { Credential = Credential.Basic("user", "pass") }, Stop);
        using var wrong = await _client.GetAsync(Url + "basic-auth/user/pass", new RequestOptions { Credential = Credential.Basic("user", "no") }, Stop);
        using var bearer = await _client.GetAsync(Url + "bearer", new RequestOptions { Credential = Credential.Bearer("t0ken") }, Stop);
        Assert.Equal((200, 401, "t0ken"), (right.Status, wrong.Status, bearer.Json().GetProperty("token").GetString()));
    }

    [Theory]
    [InlineData("auth", "SHA-256")]
    [InlineData("auth-int", "SHA-256")]
    [InlineData("auth", "MD5")]
    [InlineData("auth-int", "MD5")]
    [InlineData("auth", null)]
    public async Task Digest_credentials_are_accepted_and_wrong_ones_are_401(string qop, string? algorithm)
    {
        var url = $"{Url}digest-auth/{qop}/user/pass{(algorithm is null ? "" : "/" + algorithm)}";
        var options = new DigestOptions { AllowMd5 = algorithm is not "SHA-256" };
        foreach (var (password, status) in new[] { ("pass", 200), ("wrong", 401) })
        {
            var credential = Credential.Digest("user", password, options);
            // httpbin asks for its cookie back.
            var own = new RequestOptions { Credential = credential, Headers = new HeaderMap { ["Cookie"] = "stale_after=never; fake=fake_value" } };
            using var first = await _client.GetAsync(url, own, Stop);
            using var second = await _client.GetAsync(url, own, Stop);
            Assert.Equal((status, status), (first.Status, second.Status));
        }
    }

    [Fact]
    public async Task Redirects_are_followed_absolute_and_relative_up_to_the_limit()
    {
        using var relative = await _client.GetAsync(Url + "relative-redirect/3", cancellationToken: Stop);
        using var absolute = await _client.GetAsync(Url + "absolute-redirect/3", cancellationToken: Stop);
        Assert.Equal((200, 3, 200, 3), (relative.Status, relative.History.Count, absolute.Status, absolute.History.Count));
        var error = await Calls.FailureAsync(Url + "redirect/11", Calls.Options);
        Assert.Equal(ErrorCodes.HttpTooManyRedirects, error.Code);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(404)]
    [InlineData(418)]
    [InlineData(500)]
    public async Task Every_status_is_an_answer(int status)
    {
        using var response = await _client.GetAsync($"{Url}status/{status}", cancellationToken: Stop);
        Assert.Equal(status, response.Status);
        if (status >= 400)
            Assert.Equal(status, Assert.Throws<HTTPException>(response.EnsureSuccess).Status);
    }

    [Fact]
    public async Task Stream_of_lines_is_read_as_it_comes()
    {
        using var response = await _client.StreamAsync(Url + "stream/20", cancellationToken: Stop);
        var lines = 0;
        await foreach (var line in response.ReadLinesAsync(Stop))
            Assert.Equal(lines++, System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt32());
        Assert.Equal(20, lines);
    }

    [Fact]
    public async Task Drip_runs_into_the_idle_timeout_or_the_total_whichever_is_shorter()
    {
        var idle = await Calls.FailureAsync(Url + "drip?numbytes=5&duration=10&delay=0", Calls.Options with { Timeouts = new Timeouts { Idle = TimeSpan.FromMilliseconds(300) } });
        Assert.Equal(ErrorCodes.TimeoutIdle, idle.Code);
        var total = await Calls.FailureAsync(Url + "drip?numbytes=50&duration=10&delay=0", Calls.Options with { Timeouts = new Timeouts { Total = TimeSpan.FromMilliseconds(700) } });
        Assert.Equal(ErrorCodes.TimeoutTotal, total.Code);
        var first = await Calls.FailureAsync(Url + "delay/5", Calls.Options with { Timeouts = new Timeouts { FirstByte = TimeSpan.FromMilliseconds(300) } });
        Assert.Equal(ErrorCodes.TimeoutFirstByte, first.Code);
    }

    [Fact]
    public async Task Cookies_of_an_answer_are_read()
    {
        using var response = await _client.GetAsync(Url + "cookies/set?a=1&b=2", new RequestOptions { Redirects = RedirectOptions.None }, Stop);
        Assert.Equal(["a=1", "b=2"], response.Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}").Order());
    }

    [Fact]
    public async Task Form_and_files_arrive_as_another_implementation_reads_them()
    {
        using var form = await _client.PostAsync(Url + "post", RequestBody.Form([new("a b", "\u00fc&="), new("c", "")]), cancellationToken: Stop);
        Assert.Equal("\u00fc&=", form.Json().GetProperty("form").GetProperty("a b").GetString());
        var body = RequestBody.Multipart(MultipartPart.Field("f", "\u00fc"), new MultipartPart("file", RequestBody.Text("content"), "n\u00e4me.txt"));
        using var files = await _client.PostAsync(Url + "post", body, cancellationToken: Stop);
        Assert.Equal(("\u00fc", "content"), (files.Json().GetProperty("form").GetProperty("f").GetString(), files.Json().GetProperty("files").GetProperty("file").GetString()));
    }

    [Fact]
    public async Task Body_of_unknown_length_arrives_in_chunks()
    {
        var body = RequestBody.Stream(_ => new(new MemoryStream("streamed"u8.ToArray())), contentType: "text/plain");
        using var response = await _client.PostAsync(Url + "post", body, cancellationToken: Stop);
        Assert.Equal("streamed", response.EnsureSuccess().Json().GetProperty("data").GetString());
    }

    [Fact]
    public async Task Status_worth_a_retry_is_tried_again_and_then_handed_out()
    {
        using var client = new HTTPClient(Calls.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        using var response = await client.GetAsync(Url + "status/503", cancellationToken: Stop);
        Assert.Equal((503, 3), (response.Status, response.Attempts.Count));
    }
}
