using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Http;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public sealed class CassetteTests : IDisposable
{
    private readonly TemporaryDirectory _place = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_place.Path, "talk.json");

    public void Dispose() => _place.Dispose();

    private static HTTPClient Over(HttpMessageHandler handler) => new(new HTTPClientOptions { MessageHandler = handler, Retry = RetryOptions.None });

    private async Task RecordAsync(HttpMessageHandler source, Func<HTTPClient, Task> talk, CassetteOptions? options = null)
    {
        using var cassette = Cassette.Record(File, source, options);
        using var client = Over(cassette);
        await talk(client);
    }

    [Fact]
    public async Task Talk_with_a_real_server_is_played_back_without_it()
    {
        string told;
        using (var real = new HTTPClient(RawAnswer.Options))
        {
            await using var server = LabEndpoints.MapTo(LoopbackServer.Start(new() { Port = 0 }));
            told = server.Url.ToString();
            await RecordAsync(real.ToMessageHandler(), async client =>
            {
                (await client.GetAsync(told + "gzip", cancellationToken: Stop)).Dispose();
                (await client.PostAsync(told + "post", RequestBody.Text("one"), cancellationToken: Stop)).Dispose();
                (await client.PostAsync(told + "post", RequestBody.Text("two"), cancellationToken: Stop)).Dispose();
            });
        }
        using var cassette = Cassette.Replay(File);
        using var client = Over(cassette);
        using var two = await client.PostAsync(told + "post", RequestBody.Text("two"), cancellationToken: Stop);
        using var zipped = await client.GetAsync(told + "gzip", cancellationToken: Stop);
        Assert.Equal((200, "two", 3), (two.Status, two.Json().GetProperty("data").GetString(), cassette.Count));
        Assert.True(zipped.Json().GetProperty("gzipped").GetBoolean());
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.PostAsync(told + "post", RequestBody.Text("three"), cancellationToken: Stop));
        Assert.Contains("record it again", error.Message);
    }

    [Fact]
    public async Task No_secret_reaches_the_file_and_none_is_needed_to_play_it()
    {
        const string canary = "canary-7391";
        var mock = new MockTransport();
        mock.When("*", "*").Reply(MockReply.Text(200, $$"""{"access_token":"{{canary}}","nested":[{"client_secret":"{{canary}}","name":"open"}],"pin":"{{canary}}"}""", "application/json") with
        {
            Headers = new() { ["Content-Type"] = "application/json", ["Set-Cookie"] = $"session={canary}", ["Location"] = $"/next?token={canary}" },
        });
        var options = new CassetteOptions { SecretNames = ["pin"] };
        Request Ask(string secret) => new("POST", $"http://ada:{secret}@service.test/login?api_key={secret}&page=2")
        {
            Body = RequestBody.Form([new("user", "ada"), new("password", secret)]),
            Options = new() { Headers = new() { ["Authorization"] = "Bearer " + secret, ["X-Api-Key"] = secret, ["Cookie"] = "a=" + secret } },
        };
        await RecordAsync(mock, async client => (await client.SendAsync(Ask(canary), Stop)).Dispose(), options);
        var text = await System.IO.File.ReadAllTextAsync(File, Stop);
        Assert.DoesNotContain(canary, text);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("ada:" + canary)), text);
        Assert.Contains("page=2", text);
        Assert.Contains("user=ada", text);
        Assert.Contains("open", text);

        using var client = Over(Cassette.Replay(File, options));
        using var response = await client.SendAsync(Ask("another"), Stop);
        Assert.Equal(("***", "open"), (response.Json().GetProperty("access_token").GetString(), response.Json().GetProperty("nested")[0].GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Stream_is_recorded_with_its_timing_and_played_at_its_pace()
    {
        var clock = new FakeTimeProvider();
        await using var server = LoopbackServer.Start();
        var send = new SemaphoreSlim(0);
        server.Map("GET", "/events", async exchange =>
        {
            await using var body = await exchange.StartAsync(200, [new("Content-Type", "text/event-stream")], cancellationToken: Stop);
            for (var i = 0; i < 3; i++)
            {
                await send.WaitAsync(Stop);
                await body.WriteAsync(Encoding.UTF8.GetBytes($"data: {i}\n\n"), Stop);
                await body.FlushAsync(Stop);
            }
        });
        using (var real = new HTTPClient(RawAnswer.Options))
        {
            await RecordAsync(real.ToMessageHandler(), async client =>
            {
                using var response = await client.StreamAsync(server.Url + "events", cancellationToken: Stop);
                var stream = response.OpenStream();
                var buffer = new byte[9];
                for (var i = 0; i < 3; i++)
                {
                    clock.Advance(TimeSpan.FromSeconds(i));
                    send.Release();
                    await stream.ReadExactlyAsync(buffer, Stop);
                }
                Assert.Equal(0, await stream.ReadAsync(buffer, Stop));
            }, new CassetteOptions { Clock = clock, KeepTiming = true });
        }
        Assert.Contains("\"afterMs\": 2000", await System.IO.File.ReadAllTextAsync(File, Stop));

        using var player = Over(Cassette.Replay(File, new CassetteOptions { KeepTiming = true, Clock = clock }));
        using var played = await player.StreamAsync(server.Url + "events", cancellationToken: Stop);
        var events = played.OpenStream();
        var part = new byte[9];
        await events.ReadExactlyAsync(part, Stop);
        var second = events.ReadExactlyAsync(part, Stop).AsTask();
        Assert.False(second.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await second;
        Assert.Equal("data: 1\n\n", Encoding.UTF8.GetString(part));
    }

    [Fact]
    public async Task Event_stream_is_kept_event_by_event_masked_by_name_and_the_same_in_every_recording()
    {
        const string canary = "canary-7391";
        await using var server = LoopbackServer.Start();
        var cut = 0;
        server.Map("GET", "/events", async exchange =>
        {
            // Cut at another place each time, in the middle of the secret too.
            var text = Encoding.UTF8.GetBytes($"data: {{\"access_token\":\"{canary}\",\"n\":1}}\n\n: ping\n\nevent: x\ndata: {{\"pin\":\"{canary}\"}}\n\ndata: [DONE]\n\n");
            var at = Interlocked.Add(ref cut, 31);
            await using var body = await exchange.StartAsync(200, [new("Content-Type", "text/event-stream; charset=utf-8")], cancellationToken: Stop);
            await body.WriteAsync(text.AsMemory(0, at), Stop);
            await body.WriteAsync(text.AsMemory(at), Stop);
        });
        var recordings = new List<string>();
        foreach (var size in (int[])[3, 64])
        {
            using var real = new HTTPClient(RawAnswer.Options);
            await RecordAsync(real.ToMessageHandler(), async client =>
            {
                using var response = await client.StreamAsync(server.Url + "events", cancellationToken: Stop);
                await response.OpenStream().CopyToAsync(Stream.Null, size, Stop);
            }, new CassetteOptions { SecretNames = ["pin"] });
            recordings.Add(string.Join('\n', (await System.IO.File.ReadAllLinesAsync(File, Stop)).Where(line => !line.Contains("Date: ", StringComparison.Ordinal))));
        }
        Assert.Equal(recordings[0], recordings[1]);
        Assert.DoesNotContain(canary, recordings[0]);
        Assert.DoesNotContain("afterMs", recordings[0]);
        using var player = Over(Cassette.Replay(File));
        using var played = await player.GetAsync(server.Url + "events", cancellationToken: Stop);
        Assert.Equal("data: {\"access_token\":\"***\",\"n\":1}\n\n: ping\n\nevent: x\ndata: {\"pin\":\"***\"}\n\ndata: [DONE]\n\n", played.Text);
    }

    [Fact]
    public async Task Secret_that_lies_across_two_reads_is_masked_in_any_text()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/text", async exchange =>
        {
            await using var body = await exchange.StartAsync(200, [new("Content-Type", "text/plain")], cancellationToken: Stop);
            await body.WriteAsync("use Bearer canary"u8.ToArray(), Stop);
            await body.WriteAsync("-7391 and go on"u8.ToArray(), Stop);
        });
        using var real = new HTTPClient(RawAnswer.Options);
        await RecordAsync(real.ToMessageHandler(), async client =>
        {
            using var response = await client.StreamAsync(server.Url + "text", cancellationToken: Stop);
            await response.OpenStream().CopyToAsync(Stream.Null, 17, Stop);
        }, new CassetteOptions { KeepTiming = true });
        var text = await System.IO.File.ReadAllTextAsync(File, Stop);
        Assert.Contains("use Bearer *** and go on", text);
        Assert.DoesNotContain("7391", text);
    }

    [Fact]
    public async Task Model_is_played_back_with_its_stream_and_without_its_server()
    {
        string url;
        await using (var server = ChatServer.Start())
        {
            url = server.Url + "v1/chat/completions";
            using var real = new HTTPClient(RawAnswer.Options with { Credential = Credential.Bearer("canary-7391") });
            await RecordAsync(real.ToMessageHandler(), async client => Assert.Contains("[DONE]", await AskAsync(client)));
        }
        Assert.DoesNotContain("canary-7391", await System.IO.File.ReadAllTextAsync(File, Stop));
        using var player = Over(Cassette.Replay(File));
        var played = await AskAsync(player);
        Assert.Contains("\"content\":\"hello\"", played);
        Assert.EndsWith("data: [DONE]\n\n", played);

        async Task<string> AskAsync(HTTPClient client)
        {
            var body = RequestBody.Text("""{"model":"test-model","stream":true,"messages":[{"role":"user","content":"hello"}]}""", "application/json");
            using var response = await client.StreamAsync(new Request("POST", url) { Body = body }, Stop);
            await response.BufferAsync(Stop);
            return response.EnsureSuccess().Text;
        }
    }

    [Fact]
    public async Task Failure_is_recorded_and_played_as_the_same_failure()
    {
        var mock = new MockTransport();
        mock.When("GET", "/down").Reply(MockReply.Fail(ErrorCodes.TcpRefused));
        mock.When("GET", "/cut").Reply(MockReply.Text(200, "half of it") with { ResetAfter = 4 });
        await RecordAsync(mock, async client =>
        {
            await Assert.ThrowsAsync<ConnectionException>(() => client.GetAsync("http://service.test/down", cancellationToken: Stop));
            await Assert.ThrowsAsync<ConnectionException>(() => client.GetAsync("http://service.test/cut", cancellationToken: Stop));
        });
        using var player = Over(Cassette.Replay(File));
        Assert.Equal(ErrorCodes.TcpRefused, (await Assert.ThrowsAsync<ConnectionException>(() => player.GetAsync("http://service.test/down", cancellationToken: Stop))).Code);
        var cut = await Assert.ThrowsAsync<ConnectionException>(() => player.GetAsync("http://service.test/cut", cancellationToken: Stop));
        Assert.Equal(ErrorCodes.TcpReset, cut.Code);
    }

    [Fact]
    public async Task Recording_is_played_with_a_fault_that_it_never_had()
    {
        var mock = new MockTransport();
        mock.When("*", "*").Reply(200, "a whole answer", "text/plain");
        await RecordAsync(mock, async client => (await client.GetAsync("http://service.test/", cancellationToken: Stop)).Dispose());
        using var player = Over(Cassette.Replay(File, new CassetteOptions { ResetAfter = 7 }));
        Assert.Equal(ErrorCodes.TcpReset, (await Assert.ThrowsAsync<ConnectionException>(() => player.GetAsync("http://service.test/", cancellationToken: Stop))).Code);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_survive()
    {
        byte[] bytes = [0, 255, 1, 254, 0x80];
        var mock = new MockTransport();
        mock.When("*", "*").Reply(new MockReply { Body = bytes, Headers = new() { ["Content-Type"] = "application/octet-stream" } });
        await RecordAsync(mock, async client => (await client.GetAsync("http://service.test/", cancellationToken: Stop)).Dispose());
        using var player = Over(Cassette.Replay(File));
        using var response = await player.GetAsync("http://service.test/", cancellationToken: Stop);
        Assert.Equal(bytes, response.Content.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":2,"exchanges":[]}""")]
    [InlineData("""{"version":1,"exchanges":[{"request":{"method":"GET","url":"/","headers":[]}}]}""")]
    public async Task File_that_is_no_cassette_is_said_to_be_none(string content)
    {
        await System.IO.File.WriteAllTextAsync(File, content, Stop);
        Assert.Contains("is not a cassette", Assert.Throws<FormatException>(() => Cassette.Replay(File)).Message);
    }

    [Fact]
    public async Task Archive_of_a_recorder_is_played_back_with_its_bodies_and_failures()
    {
        var mock = new MockTransport();
        mock.When("POST", "http://a.test/login?token=*").Reply(MockReply.Text(200, """{"access_token":"canary","user":"ada"}""", "application/json"));
        mock.When("GET", "http://a.test/bytes").Reply(new MockReply { Body = new byte[] { 0xFF, 0, 1 } });
        mock.When("GET", "http://a.test/dead").Reply(MockReply.Fail(ErrorCodes.TcpRefused));
        var har = new HarRecorder(new HarOptions { BodyBytes = 1000 });
        using (var client = new HTTPClient(new HTTPClientOptions { Har = har, MessageHandler = mock, Retry = RetryOptions.None }))
        {
            (await client.PostAsync("http://a.test/login?token=canary", RequestBody.Form([new("user", "ada"), new("password", "canary")]), cancellationToken: Stop)).Dispose();
            (await client.GetAsync("http://a.test/bytes", cancellationToken: Stop)).Dispose();
            await Assert.ThrowsAnyAsync<NetworkException>(() => client.GetAsync("http://a.test/dead", cancellationToken: Stop));
        }
        await har.SaveAsync(File, Stop);

        using var playing = Over(Cassette.ReplayHar(File));
        using var login = await playing.PostAsync("http://a.test/login?token=another", RequestBody.Form([new("user", "ada"), new("password", "another")]), cancellationToken: Stop);
        Assert.Equal(("ada", "***"), (login.Json().GetProperty("user").GetString(), login.Json().GetProperty("access_token").GetString()));
        using var bytes = await playing.GetAsync("http://a.test/bytes", cancellationToken: Stop);
        Assert.Equal([0xFF, 0, 1], bytes.Content.ToArray());
        Assert.Equal(ErrorCodes.TcpRefused, (await Assert.ThrowsAnyAsync<NetworkException>(() => playing.GetAsync("http://a.test/dead", cancellationToken: Stop))).Code);
        await Assert.ThrowsAsync<InvalidOperationException>(() => playing.PostAsync("http://a.test/login?token=x", RequestBody.Form([new("user", "eve")]), cancellationToken: Stop));
    }

    [Fact]
    public async Task Archive_of_a_browser_is_played_back()
    {
        // HTTP/2's own fields, joined cookies, a coding that is undone already, parameters in place of a text, a body that is not there.
        await System.IO.File.WriteAllTextAsync(File, """
            {"log":{"version":"1.2","entries":[
              {"request":{"method":"GET","url":"https://site.test/#top","headers":[{"name":":authority","value":"site.test"}],"bodySize":0},
               "response":{"status":200,"statusText":"","headers":[{"name":":status","value":"200"},{"name":"content-encoding","value":"br"},{"name":"content-length","value":"9"},
                 {"name":"content-type","value":"text/html"},{"name":"set-cookie","value":"a=1\nb=2"}],"content":{"size":7,"mimeType":"text/html","text":"<p>ok\n"}}},
              {"request":{"method":"POST","url":"https://site.test/form","headers":[],"bodySize":7,"postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"q","value":"a b"}]}},
               "response":{"status":303,"headers":[{"name":"Location","value":"/"}],"content":{"size":0}}},
              {"request":{"method":"PUT","url":"https://site.test/file","headers":[],"bodySize":-1},"response":{"status":201,"headers":[],"content":{"size":1,"encoding":"base64","text":"/w=="}}},
              {"request":{"method":"GET","url":"https://site.test/blocked","headers":[]},"response":{"status":0,"headers":[],"content":{}},"_error":"net::ERR_ABORTED"}]}}
            """, Stop);
        using var client = Over(Cassette.ReplayHar(File));
        using var page = await client.GetAsync("https://site.test/", cancellationToken: Stop);
        Assert.Equal(("<p>ok\n", "a=1|b=2", null), (page.Text, string.Join('|', page.Headers.GetAll("Set-Cookie")), page.Headers["Content-Encoding"]));
        using var form = await client.PostAsync("https://site.test/form", RequestBody.Form([new("q", "a b")]), new() { Redirects = RedirectOptions.None }, Stop);
        Assert.Equal(303, form.Status);
        using var file = await client.PutAsync("https://site.test/file", RequestBody.Bytes(new byte[100]), cancellationToken: Stop);
        Assert.Equal((201, 0xFF), (file.Status, file.Content.Span[0]));
        Assert.Equal(ErrorCodes.TcpReset, (await Assert.ThrowsAnyAsync<NetworkException>(() => client.GetAsync("https://site.test/blocked", cancellationToken: Stop))).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"log":{}}""")]
    [InlineData("""{"log":{"entries":[{"request":{"method":"GET","url":"/relative"},"response":{"status":200,"headers":[]}}]}}""")]
    [InlineData("""{"log":{"entries":[{"request":{"method":"GET","url":"http://a/"},"response":{"status":"200","headers":[]}}]}}""")]
    [InlineData("""{"log":{"entries":[{"request":{"method":"GET","url":"http://a/"},"response":{"status":200,"headers":[],"content":{"text":"?","encoding":"base64"}}}]}}""")]
    public async Task What_is_no_archive_is_refused_by_name(string text)
    {
        await System.IO.File.WriteAllTextAsync(File, text, Stop);
        Assert.Contains(File, Assert.Throws<FormatException>(() => Cassette.ReplayHar(File)).Message);
    }
}
