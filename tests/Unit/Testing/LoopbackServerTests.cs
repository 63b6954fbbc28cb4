using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public class LoopbackServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task EchoAsync(LoopbackExchange exchange) =>
        await exchange.RespondAsync(200, await exchange.ReadBodyAsync(), "application/octet-stream");

    [Fact]
    public async Task Requests_share_a_connection_and_are_recorded()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/a/{name}", exchange => exchange.RespondAsync(200, exchange.RouteValue("name") + exchange.Query["q"]));
        using var http = new HttpClient { BaseAddress = server.Url };
        Assert.Equal("x y1", await http.GetStringAsync("/a/x%20y?q=1", Cancel));
        http.DefaultRequestHeaders.Add("X-Mark", ["1", "2"]);
        Assert.Equal("z", await http.GetStringAsync("/a/z", Cancel));
        Assert.Equal(1, server.ConnectionCount);
        var requests = server.Requests;
        Assert.Equal(["GET /a/x%20y?q=1", "GET /a/z"], requests.Select(request => request.ToString()));
        Assert.All(requests, request => Assert.Equal(1, request.ConnectionNumber));
        Assert.Equal("/a/x%20y", requests[0].Path);
        Assert.Equal("1", requests[0].Query["q"]);
        Assert.Equal("1, 2", requests[1].Headers["x-mark"]);
        Assert.Equal($"127.0.0.1:{server.Port}", requests[1].Headers["HOST"]);
    }

    [Fact]
    public async Task History_keeps_the_latest_and_can_be_off()
    {
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { RecordedRequests = 2 });
        await using var silent = LoopbackServer.Start(new LoopbackServerOptions { RecordedRequests = 0 });
        server.MapStatic("GET", "/{x}".Replace("{x}", "s", StringComparison.Ordinal), "ok"u8.ToArray());
        using var http = new HttpClient();
        foreach (var path in (string[])["s", "b", "s", "c"])
            (await http.GetAsync(new Uri(server.Url, path), Cancel)).Dispose();
        (await http.GetAsync(silent.Url, Cancel)).Dispose();
        Assert.Equal(["/s", "/c"], server.Requests.Select(request => request.Target));
        Assert.Empty(silent.Requests);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("GET", "/static", "static"u8.ToArray());
        server.Map("POST", "/echo", EchoAsync);
        var answer = await RawClient.ExchangeAsync(
            server.Port,
            "GET /static HTTP/1.1\r\nHost: a\r\n\r\n" +
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none" +
            "HEAD /static HTTP/1.1\r\nHost: a\r\n\r\n" +
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n" +
            "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nunread"[..^1] +
            "GET /static HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        var parts = answer.Split("HTTP/1.1 ").Skip(1).ToArray();
        Assert.Equal(6, parts.Length);
        Assert.EndsWith("\r\n\r\nstatic", parts[0]);
        Assert.EndsWith("\r\n\r\none", parts[1]);
        Assert.EndsWith("\r\n\r\n", parts[2]);
        Assert.Contains("Content-Length: 6\r\n", parts[2]);
        Assert.EndsWith("\r\n\r\ntwo", parts[3]);
        Assert.StartsWith("404 Not Found", parts[4]);
        Assert.EndsWith("\r\n\r\nstatic", parts[5]);
        Assert.Contains("Connection: close\r\n", parts[5]);
    }

    [Fact]
    public async Task An_answer_does_not_wait_for_the_handler_of_the_next_pipelined_request()
    {
        await using var server = LoopbackServer.Start();
        var release = new TaskCompletionSource();
        server.MapStatic("GET", "/static", "first"u8.ToArray());
        server.Map("GET", "/slow", async exchange =>
        {
            await release.Task;
            await exchange.RespondAsync(200, "second");
        });
        using var raw = await RawClient.ConnectAsync(server.Port);
        await raw.SendAsync("GET /static HTTP/1.1\r\nHost: a\r\n\r\nGET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        await raw.ReadUntilAsync("first");
        release.SetResult();
        Assert.EndsWith("second", await raw.ReadToEndAsync());
    }

    [Fact]
    public async Task Bodies_stream_in_both_directions_at_once()
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/mirror", async exchange =>
        {
            var stream = await exchange.StartAsync(200);
            await exchange.Body.CopyToAsync(stream, exchange.Aborted);
        });
        using var raw = await RawClient.ConnectAsync(server.Port);
        await raw.SendAsync("POST /mirror HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        await raw.ReadUntilAsync("\r\n\r\n");
        await raw.SendAsync("3\r\none\r\n");
        Assert.Equal("3\r\none\r\n", await raw.ReadUntilAsync("one\r\n"));
        await raw.SendAsync("3\r\ntwo\r\n0\r\n\r\n");
        Assert.Equal("3\r\ntwo\r\n0\r\n\r\n", await raw.ReadUntilAsync("0\r\n\r\n"));
        await raw.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", await raw.ReadToEndAsync());
    }

    [Fact]
    public async Task A_large_body_survives_the_way_there_and_back()
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/echo", EchoAsync);
        using var http = new HttpClient { BaseAddress = server.Url };
        var body = Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 31 >> 3)).ToArray();
        using var answer = await http.PostAsync("/echo", new ByteArrayContent(body), Cancel);
        Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Head_gets_the_fields_of_get_without_a_body()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/x", exchange => exchange.RespondAsync(200, "12345"));
        server.Map("GET", "/chunks", async exchange => await (await exchange.StartAsync(200)).WriteAsync("abc"u8.ToArray()));
        var answer = await RawClient.ExchangeAsync(
            server.Port, "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\nHEAD /chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Contains("Content-Length: 5\r\n", answer);
        Assert.Contains("Transfer-Encoding: chunked\r\n", answer);
        Assert.EndsWith("\r\n\r\n", answer);
        Assert.DoesNotContain("abc", answer);
    }

    [Fact]
    public async Task Continue_is_sent_when_the_handler_reads_and_not_before()
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/echo", EchoAsync);
        server.Map("POST", "/refuse", exchange => exchange.RespondAsync(403, "no"));
        using var raw = await RawClient.ConnectAsync(server.Port);
        await raw.SendAsync("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await raw.ReadUntilAsync("\r\n\r\n"));
        await raw.SendAsync("ok");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await raw.ReadUntilAsync("\r\n\r\nok"));
        await raw.SendAsync("POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        var refusal = await raw.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 403 ", refusal);
        Assert.Contains("Connection: close\r\n", refusal);
    }

    [Fact]
    public async Task A_failing_handler_is_answered_with_500_and_remembered()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/throw", _ => throw new InvalidOperationException("boom"));
        server.Map("GET", "/silent", _ => Task.CompletedTask);
        server.Map("GET", "/field", exchange => exchange.RespondAsync(200, headers: [new("X", "a\r\nInjected: yes")]));
        using var http = new HttpClient { BaseAddress = server.Url };
        foreach (var path in (string[])["/throw", "/silent", "/field"])
        {
            using var answer = await http.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Injected"));
        }
        Assert.Equal(3, server.Failures.Count);
        Assert.Equal("boom", server.Failures[0].Message);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_seen_as_broken_off()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/short", async exchange => await (await exchange.StartAsync(200, length: 10)).WriteAsync("abc"u8.ToArray()));
        server.Map("GET", "/throw", async exchange =>
        {
            await (await exchange.StartAsync(200)).WriteAsync("abc"u8.ToArray());
            throw new InvalidOperationException("late");
        });
        server.Map("GET", "/abort", async exchange =>
        {
            await (await exchange.StartAsync(200)).WriteAsync("abc"u8.ToArray());
            exchange.Abort();
        });
        using var http = new HttpClient { BaseAddress = server.Url };
        foreach (var path in (string[])["/short", "/throw", "/abort"])
            await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(path, Cancel));
        Assert.Single(server.Failures);
    }

    [Fact]
    public async Task A_path_that_takes_other_methods_says_which()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/x", EchoAsync).Map("PUT", "/x", EchoAsync).Map("POST", "/{any}", EchoAsync);
        using var http = new HttpClient { BaseAddress = server.Url };
        using var answer = await http.DeleteAsync("/x", Cancel);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD", "POST", "PUT"], answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task A_later_mapping_beats_an_earlier_one()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("GET", "/x", "one"u8.ToArray());
        using var http = new HttpClient { BaseAddress = server.Url };
        Assert.Equal("one", await http.GetStringAsync("/x", Cancel));
        server.Map("GET", "/x", exchange => exchange.RespondAsync(200, "two"));
        Assert.Equal("two", await http.GetStringAsync("/x", Cancel));
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Old_http_gets_a_body_that_ends_with_the_connection()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/x", async exchange => await (await exchange.StartAsync(200)).WriteAsync("abc"u8.ToArray()));
        var answer = await RawClient.ExchangeAsync(server.Port, "GET /x HTTP/1.0\r\n\r\n");
        Assert.DoesNotContain("Transfer-Encoding", answer);
        Assert.EndsWith("\r\n\r\nabc", answer);
    }

    [Fact]
    public async Task Interim_answers_and_bodiless_statuses_are_framed()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/x", async exchange =>
        {
            await exchange.SendInterimAsync(103, [new("Link", "</a>; rel=preload")]);
            await exchange.RespondAsync(204, "dropped");
        });
        var answer = await RawClient.ExchangeAsync(server.Port, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 204 No Content\r\n", answer);
        Assert.DoesNotContain("Content-Length", answer);
        Assert.EndsWith("\r\n\r\n", answer);
    }

    [Fact]
    public async Task An_upgraded_connection_is_handed_over_with_what_was_read_ahead()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/up", async exchange =>
        {
            var stream = await exchange.UpgradeAsync("echo");
            var bytes = new byte[4];
            await stream.ReadExactlyAsync(bytes, exchange.Aborted);
            await stream.WriteAsync(bytes, exchange.Aborted);
        });
        var answer = await RawClient.ExchangeAsync(server.Port, "GET /up HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nping");
        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", answer);
        Assert.EndsWith("\r\n\r\nping", answer);
    }

    [Fact]
    public async Task Disposal_ends_handlers_and_connections_and_frees_the_port()
    {
        var server = LoopbackServer.Start();
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        server.Map("GET", "/hang", async exchange =>
        {
            entered.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, exchange.Aborted);
            }
            finally
            {
                cancelled.SetResult();
            }
        });
        using var idle = await RawClient.ConnectAsync(server.Port);
        using var busy = await RawClient.ConnectAsync(server.Port);
        await busy.SendAsync("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n");
        await entered.Task;
        await server.DisposeAsync();
        Assert.True(cancelled.Task.IsCompletedSuccessfully);
        Assert.Equal(0, server.OpenConnectionCount);
        await using var again = LoopbackServer.Start(new LoopbackServerOptions { Port = server.Port });
        Assert.Equal(server.Port, again.Port);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task It_listens_on_IPv6_and_on_a_socket_file()
    {
        await using var six = LoopbackServer.Start(new LoopbackServerOptions { Address = IPAddress.IPv6Loopback });
        six.MapStatic("GET", "/", "six"u8.ToArray());
        using var http = new HttpClient();
        Assert.Equal("six", await http.GetStringAsync(six.Url, Cancel));

        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using (var file = LoopbackServer.Start(new LoopbackServerOptions { UnixSocketPath = path }))
        {
            file.Map("GET", "/", exchange => exchange.RespondAsync(200, $"port {exchange.RemotePort}"));
            using var handler = new SocketsHttpHandler();
            handler.ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, true);
            };
            using var local = new HttpClient(handler);
            Assert.Equal("port 0", await local.GetStringAsync(file.Url, Cancel));
        }
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Only_loopback_addresses_are_listened_on() =>
        Assert.Throws<ArgumentException>(() => LoopbackServer.Start(new LoopbackServerOptions { Address = IPAddress.Any }));

    [Fact]
    public async Task A_client_that_leaves_within_its_body_disturbs_nobody()
    {
        await using var server = LoopbackServer.Start();
        var left = new TaskCompletionSource<Exception>();
        server.Map("POST", "/x", async exchange =>
        {
            try
            {
                await exchange.ReadBodyAsync();
            }
            catch (IOException error)
            {
                left.SetResult(error);
                throw;
            }
        });
        using (var raw = await RawClient.ConnectAsync(server.Port))
            await raw.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
        Assert.NotNull(await left.Task);
        Assert.Empty(server.Failures);
        Assert.StartsWith("HTTP/1.1 404 ", await RawClient.ExchangeAsync(server.Port, "GET /y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_answered_with_413()
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/x", async exchange => await exchange.RespondAsync(200, await exchange.ReadBodyAsync(limit: 4)));
        using var http = new HttpClient { BaseAddress = server.Url };
        using var fits = await http.PostAsync("/x", new StringContent("1234", Encoding.ASCII), Cancel);
        using var large = await http.PostAsync("/x", new StringContent("12345", Encoding.ASCII), Cancel);
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }
}
