using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Bodies that are sent: again where they can be, once where they cannot, with their length where it is known.</summary>
public class RequestBodyTests
{
    private static LoopbackServer Recording(List<byte[]> bodies)
    {
        var server = LoopbackServer.Start();
        server.Map("*", "/{**rest}", async exchange =>
        {
            var body = await exchange.ReadBodyAsync(64 << 20);
            lock (bodies)
                bodies.Add(body);
            await exchange.RespondAsync(200, "ok");
        });
        return server;
    }

    public static TheoryData<object, string> NoJson => new()
    {
        { "{\"a\":1}", "RequestBody.Text" },
        { new StringContent("hello"), "RequestBody.Bytes" },
        { new MemoryStream([1]), "RequestBody.Stream" },
        { RequestOptions.Default, "'options'" },
        { CancellationToken.None, "'cancellationToken'" },
    };

    [Theory, MemberData(nameof(NoJson))]
    public void What_JSON_would_make_something_else_of_is_refused_and_the_message_says_what_to_call(object value, string instead) =>
        Assert.Contains(instead, Assert.Throws<ArgumentException>(() => RequestBody.Json(value)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Replayable_body_is_sent_again_through_a_redirect_that_keeps_the_method(int status)
    {
        var bodies = new List<byte[]>();
        await using var server = Recording(bodies);
        server.Map("POST", "/from", exchange => exchange.RespondAsync(status, headers: [new("Location", "/to")]));
        using var client = new HTTPClient(RawAnswer.Options);
        var opened = 0;
        var body = RequestBody.Stream(_ => { opened++; return new(new MemoryStream(Encoding.ASCII.GetBytes("content"))); }, 7, "text/x-own");
        using var response = await client.PostAsync(server.Url + "from", body, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(("POST", "text/x-own", 2), (server.Requests[^1].Method, server.Requests[^1].Headers["Content-Type"], opened));
        Assert.Equal("content", Encoding.ASCII.GetString(Assert.Single(bodies)));
    }

    [Theory]
    [InlineData("POST", 301, "GET")]
    [InlineData("POST", 302, "GET")]
    [InlineData("POST", 303, "GET")]
    [InlineData("PUT", 303, "GET")]
    [InlineData("PUT", 302, "PUT")]
    [InlineData("PUT", 301, "PUT")]
    [InlineData("HEAD", 303, "HEAD")]
    [InlineData("GET", 307, "GET")]
    public async Task Redirect_changes_the_method_and_drops_the_body_as_it_must(string method, int status, string next)
    {
        var bodies = new List<byte[]>();
        await using var server = Recording(bodies);
        server.Map(method, "/from", exchange => exchange.RespondAsync(status, headers: [new("Location", "/to")]));
        using var client = new HTTPClient(RawAnswer.Options);
        var request = new Request(method, server.Url + "from") { Body = method is "POST" or "PUT" ? RequestBody.Text("content") : null };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(next, response.Method);
        Assert.Equal(next == method && request.Body is not null ? "content" : "", Encoding.ASCII.GetString(Assert.Single(bodies)));
        if (next == "GET")
            Assert.False(server.Requests[^1].Headers.Contains("Content-Type"));
        var hop = Assert.Single(response.History);
        Assert.Equal((status, server.Url + "from", server.Url + "to"), (hop.Status, hop.Url.ToString(), hop.Location.ToString()));
    }

    [Fact]
    public async Task Replayable_body_is_sent_again_by_a_retry()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        using var response = await client.PutAsync(server.Url + "flaky/k/2", RequestBody.Text("content"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, 3), (response.Status, server.Requests.Count));
        Assert.All(server.Requests, request => Assert.Equal("7", request.Headers["Content-Length"]));
        Assert.Equal([503, 503, 200], response.Attempts.Select(attempt => attempt.Status!.Value));
    }

    [Fact]
    public async Task Body_that_can_be_read_once_is_never_sent_again()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        server.Map("PUT", "/redirect", exchange => exchange.RespondAsync(307, headers: [new("Location", "/put")]));
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        RequestBody Once() => RequestBody.OneShot(new MemoryStream(new byte[10]));
        using (var failed = await client.PutAsync(server.Url + "flaky/k/1", Once(), cancellationToken: TestContext.Current.CancellationToken))
            Assert.Equal(503, failed.Status);
        var error = await Assert.ThrowsAsync<HTTPException>(() => client.PutAsync(server.Url + "redirect", Once(), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCodes.HttpRedirectRefused, error.Code);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Body_that_can_be_read_once_is_sent_after_a_refused_connection_was_tried_again()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var dials = 0;
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Retry = new RetryOptions { BaseDelay = TimeSpan.Zero },
            Transport = new Networking.Transport.TransportOptions
            {
                DialOver = async (_, stop) => ++dials == 1 ? throw new IOException("not yet") : await RawStreamAsync(server.Port, stop),
            },
        });
        using var response = await client.PostAsync(server.Url + "post", RequestBody.OneShot(new MemoryStream("once"u8.ToArray())), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, 2), (response.Status, dials));
        Assert.Contains("once", response.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streamed_upload_reports_progress_and_sends_its_length_where_it_is_known(bool known)
    {
        var bodies = new List<byte[]>();
        await using var server = Recording(bodies);
        using var client = new HTTPClient(RawAnswer.Options);
        var content = new byte[1_000_000];
        new Random(1).NextBytes(content);
        var reports = new List<TransferProgress>();
        var options = new RequestOptions { UploadProgress = new Inline(reports.Add) };
        var body = RequestBody.Stream(_ => new(new MemoryStream(content)), known ? content.Length : null);
        using var response = await client.PostAsync(server.Url.ToString(), body, options, TestContext.Current.CancellationToken);
        Assert.Equal(content, bodies[0]);
        Assert.Equal(known ? ("1000000", null) : (null, "chunked"), (server.Requests[0].Headers["Content-Length"], server.Requests[0].Headers["Transfer-Encoding"]));
        Assert.Equal(new TransferProgress(content.Length, known ? content.Length : null), reports[^1]);
        Assert.True(reports.Count > 1 && reports.Zip(reports.Skip(1)).All(pair => pair.First.Bytes < pair.Second.Bytes));
    }

    [Theory]
    [InlineData(99)]
    [InlineData(101)]
    public async Task Source_that_is_not_as_long_as_announced_is_a_local_error_and_is_not_tried_again(int announced)
    {
        var bodies = new List<byte[]>();
        await using var server = Recording(bodies);
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        var body = RequestBody.Stream(_ => new(new MemoryStream(new byte[100])), announced);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.PutAsync(server.Url.ToString(), body, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((ErrorCodes.LocalIo, NetworkPhase.Send), (error.Code, error.Phase));
        Assert.Empty(bodies);
        Assert.InRange(server.Requests.Count, 0, 1);
    }

    [Fact]
    public async Task Source_that_fails_is_a_local_error()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        var opened = 0;
        var body = RequestBody.Stream(_ => { opened++; throw new UnauthorizedAccessException("no"); });
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.PutAsync(server.Url + "put", body, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((ErrorCodes.LocalIo, 1), (error.Code, opened));
        Assert.IsType<UnauthorizedAccessException>(error.InnerException);
    }

    [Fact]
    public async Task Answer_before_the_body_was_sent_ends_the_call_with_that_answer_or_a_network_error()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig", stop);
        });
        using var client = new HTTPClient(RawAnswer.Options);
        try
        {
            using var response = await client.PostAsync(server.Url.ToString(), RequestBody.Bytes(new byte[16 << 20]), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal((413, "big"), (response.Status, response.Text));
        }
        catch (NetworkException error)
        {
            Assert.True(error.Code is ErrorCodes.TcpReset or ErrorCodes.TcpClosedEarly, error.ToString());
        }
    }

    [Theory]
    [InlineData("a b", "a+b")]
    [InlineData("a+b", "a%2Bb")]
    [InlineData("a&b=c", "a%26b%3Dc")]
    [InlineData("\u00fc\u20ac", "%C3%BC%E2%82%AC")]
    [InlineData("*-._", "%2A-._")]
    [InlineData("~", "~")]
    [InlineData("100%", "100%25")]
    [InlineData("a\r\nb", "a%0D%0Ab")]
    [InlineData("", "")]
    public async Task Form_is_escaped(string text, string escaped)
    {
        var written = new MemoryStream();
        await RequestBody.Form([new("n", text), new(text + "x", "1")]).WriteAsync(written, TestContext.Current.CancellationToken);
        var body = Encoding.ASCII.GetString(written.ToArray());
        // "*" may be left as it is or escaped: both read back alike.
        Assert.Equal($"n={escaped}&{escaped}x=1".Replace("%2A", "*"), body.Replace("%2A", "*"));
    }

    [Fact]
    public async Task File_is_sent_with_its_length()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, new byte[300_000], TestContext.Current.CancellationToken);
            var bodies = new List<byte[]>();
            await using var server = Recording(bodies);
            using var client = new HTTPClient(RawAnswer.Options);
            (await client.PutAsync(server.Url.ToString(), RequestBody.File(path, "application/x-own"), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
            Assert.Equal((300_000, "300000", "application/x-own"), (bodies[0].Length, server.Requests[0].Headers["Content-Length"], server.Requests[0].Headers["Content-Type"]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async ValueTask<Stream> RawStreamAsync(int port, CancellationToken stop)
    {
        var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, port, stop);
        return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
    }

    private sealed class Inline(Action<TransferProgress> report) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => report(value);
    }
}
