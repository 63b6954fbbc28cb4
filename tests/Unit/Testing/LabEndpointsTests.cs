using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public sealed class LabEndpointsTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly LoopbackServer _server;
    private readonly HttpClient _http;

    public LabEndpointsTests()
    {
        _server = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions { TimeProvider = _clock }));
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _server.Url };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Cancel));
            return document.RootElement.Clone();
        }
    }

    private async Task<JsonElement> GetJsonAsync(string path) => await JsonAsync(await _http.GetAsync(path, Cancel));

    private Task<HttpResponseMessage> GetAsync(string path, string name, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(name, value);
        return _http.SendAsync(request, Cancel);
    }

    [Theory]
    [InlineData("GET", "/get")]
    [InlineData("POST", "/post")]
    [InlineData("PUT", "/put")]
    [InlineData("PATCH", "/patch")]
    [InlineData("DELETE", "/delete")]
    [InlineData("REPORT", "/anything/at/all")]
    public async Task Echoes_say_what_was_sent(string method, string path)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path + "?a=1&b=x%20y&b=z");
        request.Headers.Add("X-Mark", "here");
        if (method != "GET")
            request.Content = new StringContent("{\"n\":[1,2]}", Encoding.UTF8, "application/json");
        var json = await JsonAsync(await _http.SendAsync(request, Cancel));
        Assert.Equal(method, json.GetProperty("method").GetString());
        Assert.Equal($"{_server.Url.GetLeftPart(UriPartial.Authority)}{path}?a=1&b=x%20y&b=z", json.GetProperty("url").GetString());
        Assert.Equal("1", json.GetProperty("args").GetProperty("a").GetString());
        Assert.Equal("z", json.GetProperty("args").GetProperty("b")[1].GetString());
        Assert.Equal("here", json.GetProperty("headers").GetProperty("X-Mark").GetString());
        if (method != "GET")
        {
            Assert.Equal("{\"n\":[1,2]}", json.GetProperty("data").GetString());
            Assert.Equal(2, json.GetProperty("json").GetProperty("n")[1].GetInt32());
        }
    }

    [Fact]
    public async Task Forms_files_and_binary_data_are_told_apart()
    {
        using var form = new FormUrlEncodedContent([new("a", "1 & 2"), new("b", "ü")]);
        var json = await JsonAsync(await _http.PostAsync("/post", form, Cancel));
        Assert.Equal("1 & 2", json.GetProperty("form").GetProperty("a").GetString());
        Assert.Equal("ü", json.GetProperty("form").GetProperty("b").GetString());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("json").ValueKind);

        using var parts = new MultipartFormDataContent
        {
            { new StringContent("value"), "field" }, { new ByteArrayContent([0xFF, 0xFE]), "upload", "a;b.bin" },
        };
        json = await JsonAsync(await _http.PostAsync("/post", parts, Cancel));
        Assert.Equal("value", json.GetProperty("form").GetProperty("field").GetString());
        Assert.Equal("data:application/octet-stream;base64,//4=", json.GetProperty("files").GetProperty("upload").GetString());

        json = await JsonAsync(await _http.PutAsync("/put", new ByteArrayContent([0xFF]), Cancel));
        Assert.Equal("data:application/octet-stream;base64,/w==", json.GetProperty("data").GetString());
    }

    [Fact]
    public async Task Documents_are_served()
    {
        Assert.Equal(42, (await GetJsonAsync("/json")).GetProperty("number").GetInt32());
        Assert.Equal(_server.Url.Authority, (await GetJsonAsync("/headers")).GetProperty("headers").GetProperty("Host").GetString());
        Assert.Contains("日本語", await _http.GetStringAsync("/encoding/utf8", Cancel));
        var html = await _http.GetStringAsync("/links/3", Cancel);
        Assert.Contains("href=\"/links/3/2\"", html);
        Assert.DoesNotContain("href=\"/links/3/0\"", html);
        Assert.Contains("href=\"/links/3/0\"", await _http.GetStringAsync("/links/3/2", Cancel));
        using var page = await _http.GetAsync("/pages/3?page=2", Cancel);
        Assert.Equal("</pages/3?page=3>; rel=\"next\", </pages/3?page=1>; rel=\"prev\", </pages/3?page=3>; rel=\"last\"", page.Headers.GetValues("Link").Single());
        Assert.StartsWith("{\"page\":2,\"items\":[4,5,6]", await page.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Bytes_depend_on_the_seed_only()
    {
        var one = await _http.GetByteArrayAsync("/bytes/1001?seed=7", Cancel);
        var same = await _http.GetByteArrayAsync("/stream-bytes/1001?seed=7&chunk_size=13", Cancel);
        var other = await _http.GetByteArrayAsync("/bytes/1001?seed=8", Cancel);
        Assert.Equal(1001, one.Length);
        Assert.Equal(one, same);
        Assert.NotEqual(one, other);
        Assert.True(one.Distinct().Count() > 200);
    }

    [Theory]
    [InlineData("/status/418", 418)]
    [InlineData("/status/204", 204)]
    [InlineData("/status/199", 400)]
    [InlineData("/status/x", 400)]
    [InlineData("/bytes/99999999999", 400)]
    [InlineData("/delay/-1", 400)]
    [InlineData("/redirect-to", 400)]
    [InlineData("/redirect-to?url=/&status=200", 400)]
    [InlineData("/redirect-to?url=a%0d%0aX:%20y", 400)]
    [InlineData("/cookies/set?a=b%0d%0aX:%20y", 400)]
    [InlineData("/nothing", 404)]
    public async Task Statuses_are_as_asked_for_and_bad_numbers_refused(string path, int status)
    {
        using var answer = await _http.GetAsync(path, Cancel);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Empty(_server.Failures);
    }

    [Fact]
    public async Task A_status_can_ask_to_wait_and_a_flaky_path_heals()
    {
        using var busy = await _http.GetAsync("/status/429?retry_after=7", Cancel);
        Assert.Equal(TimeSpan.FromSeconds(7), busy.Headers.RetryAfter?.Delta);
        foreach (var key in (string[])["a", "b"])
        {
            for (var i = 0; i < 2; i++)
            {
                using var failed = await _http.GetAsync($"/flaky/{key}/2?retry_after=1", Cancel);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
                Assert.NotNull(failed.Headers.RetryAfter);
            }
            using var healed = await _http.PostAsync($"/flaky/{key}/2", new StringContent("x"), Cancel);
            Assert.Equal("3", healed.Headers.GetValues("X-Attempt").Single());
        }
    }

    [Fact]
    public async Task Redirects_lead_step_by_step_to_get()
    {
        var path = "/redirect/3";
        var seen = new List<string>();
        while (path.StartsWith("/redirect", StringComparison.Ordinal))
        {
            using var answer = await _http.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            path = answer.Headers.Location!.OriginalString;
            seen.Add(path);
        }
        Assert.Equal(["/redirect/2", "/redirect/1", "/get"], seen);
        using var other = await _http.PostAsync("/redirect-to?status=307&url=http%3A%2F%2Fexample.test%2F%3Fa%3Db", null, Cancel);
        Assert.Equal(307, (int)other.StatusCode);
        Assert.Equal("http://example.test/?a=b", other.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_delay_lasts_as_long_as_the_clock_says()
    {
        var pending = _http.GetAsync("/delay/5", Cancel);
        await WaitForTimerAsync(pending);
        using var answer = await pending;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_drip_announces_its_length_and_comes_byte_by_byte()
    {
        var pending = _http.GetByteArrayAsync("/drip?numbytes=4&duration=8&delay=3&code=201", Cancel);
        await WaitForTimerAsync(pending);
        Assert.Equal("****"u8.ToArray(), await pending);
    }

    /// <summary>Turns the fake clock on until the task is done; the server may not have set its timer yet.</summary>
    private async Task WaitForTimerAsync(Task pending)
    {
        while (!pending.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Lines_and_events_come_in_chunks()
    {
        var lines = (await _http.GetStringAsync("/stream/3", Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["{\"id\":0", "{\"id\":1", "{\"id\":2"], lines.Select(line => line[..7]));

        using var events = await _http.GetAsync("/sse/2?end=[DONE]", Cancel);
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "id: 1\nevent: message\ndata: {\"id\":1}\n\nid: 2\nevent: message\ndata: {\"id\":2}\n\ndata: [DONE]\n\n",
            await events.Content.ReadAsStringAsync(Cancel));
        using var rest = await GetAsync("/sse/3", "Last-Event-ID", "2");
        Assert.StartsWith("id: 3\n", await rest.Content.ReadAsStringAsync(Cancel));
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetStringAsync("/sse/3?drop_after=1", Cancel));
    }

    [Theory]
    [InlineData("/gzip", "gzipped", DecompressionMethods.GZip)]
    [InlineData("/deflate", "deflated", DecompressionMethods.Deflate)]
    [InlineData("/brotli", "brotli", DecompressionMethods.Brotli)]
    public async Task Compressed_documents_decompress(string path, string member, DecompressionMethods method)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = method }) { BaseAddress = _server.Url };
        using var document = JsonDocument.Parse(await http.GetStringAsync(path, Cancel));
        Assert.True(document.RootElement.GetProperty(member).GetBoolean());
    }

    [Fact]
    public async Task Cookies_are_set_shown_and_expired()
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = _server.Url };
        Assert.Equal("{\"cookies\":{\"a\":\"1\",\"b\":\"2\"}}", await http.GetStringAsync("/cookies/set?a=1&b=2", Cancel));
        Assert.Equal("{\"cookies\":{\"b\":\"2\"}}", await http.GetStringAsync("/cookies/delete?a", Cancel));
    }

    [Theory]
    [InlineData("/basic-auth/alice/p%20w", "Basic YWxpY2U6cCB3", 200)]
    [InlineData("/basic-auth/alice/p%20w", "Basic YWxpY2U6cA==", 401)]
    [InlineData("/bearer", "Bearer t", 200)]
    [InlineData("/bearer", "Basic t", 401)]
    [InlineData("/bearer", null, 401)]
    public async Task Credentials_are_checked(string path, string? field, int status)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (field is not null)
            request.Headers.TryAddWithoutValidation("Authorization", field);
        using var answer = await _http.SendAsync(request, Cancel);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Count == 1);
    }

    [Theory]
    [InlineData("If-None-Match", "\"x\", \"tag\"", 304)]
    [InlineData("If-None-Match", "W/\"tag\"", 304)]
    [InlineData("If-None-Match", "*", 304)]
    [InlineData("If-None-Match", "\"x\"", 200)]
    [InlineData("If-Match", "\"tag\"", 200)]
    [InlineData("If-Match", "\"x\"", 412)]
    public async Task Tags_are_compared(string name, string value, int status)
    {
        using var answer = await GetAsync("/etag/tag", name, value);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("\"tag\"", answer.Headers.ETag?.Tag);
    }

    [Theory]
    [InlineData("bytes=0-2", null, 206, "abc", "bytes 0-2/30")]
    [InlineData("bytes=24-", null, 206, "yzabcd", "bytes 24-29/30")]
    [InlineData("bytes=-3", null, 206, "bcd", "bytes 27-29/30")]
    [InlineData("bytes=28-99", null, 206, "cd", "bytes 28-29/30")]
    [InlineData("bytes=-99", "\"range30\"", 206, "abcdefghijklmnopqrstuvwxyzabcd", "bytes 0-29/30")]
    [InlineData("bytes=30-", null, 416, "", "bytes */30")]
    [InlineData("bytes=-0", null, 416, "", "bytes */30")]
    [InlineData("bytes=2-1", null, 200, "abcdefghijklmnopqrstuvwxyzabcd", null)]
    [InlineData("bytes=0-1,3-4", null, 200, "abcdefghijklmnopqrstuvwxyzabcd", null)]
    [InlineData("bytes=0-1", "\"other\"", 200, "abcdefghijklmnopqrstuvwxyzabcd", null)]
    public async Task Ranges_are_cut_out(string range, string? condition, int status, string body, string? contentRange)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/range/30");
        request.Headers.TryAddWithoutValidation("Range", range);
        if (condition is not null)
            request.Headers.TryAddWithoutValidation("If-Range", condition);
        using var answer = await _http.SendAsync(request, Cancel);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(contentRange, answer.Content.Headers.ContentRange?.ToString());
        Assert.Equal("\"range30\"", answer.Headers.ETag?.Tag);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Uploads_are_counted_and_hashed(bool chunked)
    {
        var body = RandomNumberGenerator.GetBytes(1_000_003);
        var request = new HttpRequestMessage(HttpMethod.Put, "/upload") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;
        var json = await JsonAsync(await _http.SendAsync(request, Cancel));
        Assert.Equal(1_000_003, json.GetProperty("bytes").GetInt64());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), json.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task The_WebSocket_sends_back_what_it_gets()
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("chat");
        await socket.ConnectAsync(new UriBuilder(_server.Url) { Scheme = "ws", Path = "/ws/echo" }.Uri, Cancel);
        Assert.Equal("chat", socket.SubProtocol);
        var sent = RandomNumberGenerator.GetBytes(50_000);
        await socket.SendAsync(sent, WebSocketMessageType.Binary, true, Cancel);
        var got = new byte[50_000];
        var count = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(got.AsMemory(count), Cancel);
            count += part.Count;
        }
        while (!part.EndOfMessage);
        Assert.Equal(sent, got);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", Cancel);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        Assert.Equal("bye", socket.CloseStatusDescription);
        using var plain = await _http.GetAsync("/ws/echo", Cancel);
        Assert.Equal(HttpStatusCode.UpgradeRequired, plain.StatusCode);
        Assert.Empty(_server.Failures);
    }

    [Fact]
    public void Every_path_is_described() => Assert.All(LabEndpoints.Descriptions, entry =>
    {
        Assert.StartsWith("/", entry.Key);
        Assert.NotEmpty(entry.Value);
    });
}
