using System.Text.Json;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>HTTP Archives of what a client did.</summary>
public sealed class HarRecorderTests : IDisposable
{
    private readonly TemporaryDirectory _place = new();
    private readonly HarRecorder _har = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    private async Task<(JsonElement Entries, string Text)> SaveAsync()
    {
        var path = Path.Combine(_place.Path, "out.har");
        await _har.SaveAsync(path, Stop);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        var text = await File.ReadAllTextAsync(path, Stop);
        var log = JsonElement.Parse(text).GetProperty("log");
        Assert.Equal(("1.2", "Codomyrmex.Networking"), (log.GetProperty("version").GetString(), log.GetProperty("creator").GetProperty("name").GetString()));
        return (log.GetProperty("entries"), text);
    }

    [Fact]
    public async Task Every_hop_and_attempt_is_an_entry_with_its_times_over_real_connections()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(new HTTPClientOptions { Har = _har, Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        (await client.GetAsync($"{server.Url}redirect-to?url=/flaky/har/1", cancellationToken: Stop)).Dispose();
        (await client.PostAsync($"{server.Url}post", RequestBody.Text("hello"), cancellationToken: Stop)).Dispose();
        var (entries, _) = await SaveAsync();
        // The second attempt begins at the first URL again.
        Assert.Equal([302, 503, 302, 200, 200], entries.EnumerateArray().Select(entry => entry.GetProperty("response").GetProperty("status").GetInt32()));
        var first = entries[0];
        Assert.Equal("/flaky/har/1", first.GetProperty("response").GetProperty("redirectURL").GetString());
        Assert.Equal("127.0.0.1", first.GetProperty("serverIPAddress").GetString());
        Assert.True(first.GetProperty("timings").GetProperty("connect").GetDouble() >= 0);
        Assert.Equal(-1, entries[1].GetProperty("timings").GetProperty("connect").GetDouble());
        Assert.Equal(5, entries[4].GetProperty("request").GetProperty("bodySize").GetInt32());
        Assert.True(entries[4].GetProperty("response").GetProperty("content").GetProperty("size").GetInt32() > 0);
        Assert.StartsWith("application/json", entries[4].GetProperty("response").GetProperty("content").GetProperty("mimeType").GetString());
    }

    [Fact]
    public async Task Archive_has_every_member_that_the_format_demands()
    {
        var mock = new MockTransport();
        mock.When("GET", "*").Reply(200);
        using var client = new HTTPClient(new HTTPClientOptions { Har = _har, MessageHandler = mock });
        (await client.GetAsync("http://a.test/?q=a+b&c", cancellationToken: Stop)).Dispose();
        var entry = Assert.Single((await SaveAsync()).Entries.EnumerateArray());
        foreach (var (member, names) in new[]
        {
            ("", "startedDateTime time request response cache timings"), ("request", "method url httpVersion cookies headers queryString headersSize bodySize"),
            ("response", "status statusText httpVersion cookies headers content redirectURL headersSize bodySize"), ("timings", "send wait receive blocked dns connect ssl"),
        })
        {
            var value = member.Length == 0 ? entry : entry.GetProperty(member);
            Assert.All(names.Split(' '), name => Assert.True(value.TryGetProperty(name, out _), $"{member}.{name}"));
        }
        Assert.Equal(["q=a b", "c="], entry.GetProperty("request").GetProperty("queryString").EnumerateArray().Select(pair => $"{pair.GetProperty("name")}={pair.GetProperty("value")}"));
        var timings = entry.GetProperty("timings");
        Assert.Equal(entry.GetProperty("time").GetDouble(), timings.GetProperty("wait").GetDouble() + timings.GetProperty("receive").GetDouble(), tolerance: 0.01);
    }

    [Fact]
    public async Task Secrets_are_not_in_the_archive()
    {
        var mock = new MockTransport();
        mock.When("POST", "*").Reply(new MockReply { Headers = new() { ["Set-Cookie"] = "id=canary", ["X-Refresh-Token"] = "canary" }, Body = "canary"u8.ToArray() });
        var jar = new CookieJar();
        jar.Set(new Uri("http://a.test/"), "id=canary");
        using var client = new HTTPClient(new HTTPClientOptions { Har = _har, MessageHandler = mock, Cookies = jar, Credential = Credential.Basic("ada", "canary") });
        (await client.PostAsync("http://a.test/?api_key=canary", RequestBody.Text("canary"), new() { Headers = new() { ["X-Api-Key"] = "canary" } }, Stop)).Dispose();
        var (entries, text) = await SaveAsync();
        Assert.Equal(1, entries.GetArrayLength());
        Assert.DoesNotContain("canary", text);
        Assert.DoesNotContain(Convert.ToBase64String("ada:canary"u8), text);
        Assert.Contains("***", text);
    }

    [Fact]
    public async Task Failure_is_an_entry_with_its_code_and_the_oldest_go_first()
    {
        var mock = new MockTransport();
        mock.When("GET", "http://a.test/*").Reply(MockReply.Fail(ErrorCodes.TcpRefused));
        mock.When("GET", "http://b.test/").Reply(MockReply.Text(200, "whole") with { ResetAfter = 2 });
        var har = new HarRecorder(limit: 2);
        using var client = new HTTPClient(new HTTPClientOptions { Har = har, MessageHandler = mock, Retry = RetryOptions.None });
        foreach (var url in (string[])["http://a.test/1", "http://a.test/2", "http://b.test/"])
            await Assert.ThrowsAnyAsync<NetworkException>(() => client.GetAsync(url, cancellationToken: Stop));
        var path = Path.Combine(_place.Path, "failures.har");
        await har.SaveAsync(path, Stop);
        var entries = JsonElement.Parse(await File.ReadAllTextAsync(path, Stop)).GetProperty("log").GetProperty("entries");
        Assert.Equal(2, entries.GetArrayLength());
        Assert.Equal(("http://a.test/2", 0, "tcp.refused"), (entries[0].GetProperty("request").GetProperty("url").GetString(),
            entries[0].GetProperty("response").GetProperty("status").GetInt32(), entries[0].GetProperty("_error").GetString()));
        Assert.Equal(-1, entries[1].GetProperty("response").GetProperty("bodySize").GetInt32());
    }

    [Fact]
    public async Task Bodies_are_in_it_where_they_are_asked_for_decoded_and_without_what_secret_names_hold()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        server.Map("POST", "/login", exchange => exchange.RespondAsync(200, """{"access_token":"canary","user":"ada"}""", "application/json"));
        var har = new HarRecorder(new HarOptions { BodyBytes = 4096 });
        using var client = new HTTPClient(new HTTPClientOptions { Har = har });
        (await client.PostAsync($"{server.Url}login", RequestBody.Form([new("user", "ada"), new("password", "canary")]), cancellationToken: Stop)).Dispose();
        (await client.GetAsync($"{server.Url}gzip", cancellationToken: Stop)).Dispose();
        (await client.GetAsync($"{server.Url}bytes/16", cancellationToken: Stop)).Dispose();
        (await client.GetAsync($"{server.Url}bytes/4097", cancellationToken: Stop)).Dispose();
        (await client.PostAsync($"{server.Url}post", RequestBody.OneShot(new MemoryStream("once"u8.ToArray())), cancellationToken: Stop)).Dispose();
        var path = Path.Combine(_place.Path, "bodies.har");
        await har.SaveAsync(path, Stop);
        var text = await File.ReadAllTextAsync(path, Stop);
        Assert.DoesNotContain("canary", text);
        var entries = JsonElement.Parse(text).GetProperty("log").GetProperty("entries").EnumerateArray().ToArray();
        Assert.Equal("user=ada&password=***", entries[0].GetProperty("request").GetProperty("postData").GetProperty("text").GetString());
        Assert.Equal("application/x-www-form-urlencoded", entries[0].GetProperty("request").GetProperty("postData").GetProperty("mimeType").GetString());
        Assert.Equal("""{"access_token":"***","user":"ada"}""", Content(0).GetProperty("text").GetString());
        Assert.True(JsonElement.Parse(Content(1).GetProperty("text").GetString()!).GetProperty("gzipped").GetBoolean());
        Assert.NotEqual(Content(1).GetProperty("size").GetInt64(), entries[1].GetProperty("response").GetProperty("bodySize").GetInt64());
        Assert.Equal(("base64", 16), (Content(2).GetProperty("encoding").GetString(), Convert.FromBase64String(Content(2).GetProperty("text").GetString()!).Length));
        Assert.False(Content(3).TryGetProperty("text", out _));
        Assert.Equal(4097, Content(3).GetProperty("size").GetInt32());
        Assert.False(entries[4].GetProperty("request").GetProperty("postData").TryGetProperty("text", out _));

        JsonElement Content(int entry) => entries[entry].GetProperty("response").GetProperty("content");
    }

    [Fact]
    public async Task Bodies_together_have_a_limit_and_the_oldest_make_room()
    {
        var mock = new MockTransport();
        mock.When("GET", "*").Reply(MockReply.Text(200, new string('x', 1000)));
        var har = new HarRecorder(new HarOptions { BodyBytes = 4096, TotalBodyBytes = 2500 });
        using var client = new HTTPClient(new HTTPClientOptions { Har = har, MessageHandler = mock });
        for (var i = 0; i < 4; i++)
            (await client.GetAsync($"http://a.test/{i}", cancellationToken: Stop)).Dispose();
        var path = Path.Combine(_place.Path, "limit.har");
        await har.SaveAsync(path, Stop);
        var entries = JsonElement.Parse(await File.ReadAllTextAsync(path, Stop)).GetProperty("log").GetProperty("entries");
        Assert.Equal([false, false, true, true], entries.EnumerateArray().Select(entry => entry.GetProperty("response").GetProperty("content").TryGetProperty("text", out _)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HarRecorder(new HarOptions { BodyBytes = -1 }));
    }
}
