using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Transport;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>The caller's cancellation stays what it is, with the caller's token, in whatever phase it comes.</summary>
public class CancellationTests
{
    private static async Task AssertCancelledAsync(Func<CancellationToken, Task> call, Task phaseReached)
    {
        using var source = new CancellationTokenSource();
        var running = call(source.Token);
        await Task.WhenAny(phaseReached, running).WaitAsync(RawAnswer.Patience, TestContext.Current.CancellationToken);
        Assert.False(running.IsCompleted, "The call ended before it was cancelled: " + running.Exception);
        await source.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(RawAnswer.Patience));
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public async Task Before_the_call()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync(server.Url + "get", cancellationToken: source.Token));
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task While_resolving()
    {
        var reached = new TaskCompletionSource();
        var resolver = new DnsScriptedResolver(async (_, stop) =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, stop);
            return null!;
        });
        using var client = new HTTPClient(RawAnswer.Options with { Transport = new TransportOptions { Resolver = new ResolverOptions { Custom = resolver } } });
        await AssertCancelledAsync(stop => client.GetAsync("http://slow.test/", cancellationToken: stop), reached.Task);
    }

    [Fact]
    public async Task While_connecting()
    {
        var reached = new TaskCompletionSource();
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Transport = new TransportOptions
            {
                DialOver = async (_, stop) =>
                {
                    reached.TrySetResult();
                    await Task.Delay(Timeout.Infinite, stop);
                    return Stream.Null;
                },
            },
        });
        await AssertCancelledAsync(stop => client.GetAsync("http://127.0.0.1:1/", cancellationToken: stop), reached.Task);
    }

    [Fact]
    public async Task In_the_tls_handshake()
    {
        await using var server = ScriptedServer.Start((peer, stop) => peer.StallAsync(stop));
        using var client = new HTTPClient(RawAnswer.Options);
        await AssertCancelledAsync(stop => client.GetAsync($"https://127.0.0.1:{server.Port}/", cancellationToken: stop), server.WaitForConnectionsAsync(1));
    }

    [Fact]
    public async Task While_the_proxy_is_silent()
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { Decide = _ => ProxyDecision.Stall });
        using var client = new HTTPClient(RawAnswer.Options with { Transport = new TransportOptions { Proxy = ProxyOptions.Parse(proxy.Url()) } });
        await AssertCancelledAsync(stop => client.GetAsync("https://127.0.0.1:1/", cancellationToken: stop), proxy.WaitForConnectionsAsync(1));
    }

    [Fact]
    public async Task While_the_body_is_sent()
    {
        await using var server = ScriptedServer.Start((_, stop) => Task.Delay(Timeout.Infinite, stop));
        using var client = new HTTPClient(RawAnswer.Options);
        await AssertCancelledAsync(stop => client.PostAsync(server.Url.ToString(), RequestBody.Bytes(new byte[64 << 20]), cancellationToken: stop), server.WaitForConnectionsAsync(1));
    }

    [Fact]
    public async Task While_waiting_for_the_answer()
    {
        await using var server = ScriptedServer.Start((peer, stop) => peer.StallAsync(stop));
        using var client = new HTTPClient(RawAnswer.Options);
        await AssertCancelledAsync(stop => client.GetAsync(server.Url.ToString(), cancellationToken: stop), server.WaitForConnectionsAsync(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Content-Encoding: gzip\r\n")]
    public async Task While_the_body_is_received(string fields)
    {
        var reached = new TaskCompletionSource();
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync((byte[])[.. RawAnswer.Latin1($"HTTP/1.1 200 OK\r\n{fields}Content-Length: 1000\r\n\r\n"), .. HostileEncodingTests.Encode(new byte[10], "gzip")[..11]], stop);
            reached.TrySetResult();
            await peer.StallAsync(stop);
        });
        using var client = new HTTPClient(RawAnswer.Options);
        await AssertCancelledAsync(stop => client.GetAsync(server.Url.ToString(), cancellationToken: stop), reached.Task);
    }

    [Fact]
    public async Task While_a_streamed_body_is_read_by_the_token_of_the_call_or_of_the_read()
    {
        await using var server = RawAnswer.ThenStall("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        using var client = new HTTPClient(RawAnswer.Options);
        foreach (var ofCall in new[] { true, false })
        {
            using var source = new CancellationTokenSource();
            using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: ofCall ? source.Token : default);
            var stream = response.OpenStream();
            await stream.ReadExactlyAsync(new byte[4], TestContext.Current.CancellationToken);
            var reading = stream.ReadAsync(new byte[10], ofCall ? default : source.Token);
            Assert.False(reading.IsCompleted);
            await source.CancelAsync();
            var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.AsTask().WaitAsync(RawAnswer.Patience));
            if (!ofCall)
                Assert.Equal(source.Token, error.CancellationToken);
        }
    }

    [Fact]
    public async Task Between_two_attempts()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { RetryAfterCap = TimeSpan.FromMinutes(1) }, Timeouts = Timeouts.Default with { Total = TimeSpan.FromMinutes(5) } });
        using var source = new CancellationTokenSource();
        var call = client.GetAsync(server.Url + "status/503?retry_after=50", cancellationToken: source.Token);
        Assert.True(SpinWait.SpinUntil(() => server.Requests.Count == 1, RawAnswer.Patience));
        await source.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(RawAnswer.Patience));
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Cancelled_call_leaves_the_client_fit_for_the_next()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        for (var i = 0; i < 20; i++)
        {
            using var source = new CancellationTokenSource();
            var call = client.GetAsync(server.Url + "delay/10", cancellationToken: source.Token);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(RawAnswer.Patience));
            using var response = await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(200, response.Status);
        }
    }

    [Fact]
    public async Task Body_whose_read_was_cancelled_says_so_when_it_is_read_again()
    {
        await using var server = LoopbackServer.Start();
        var stop = TestContext.Current.CancellationToken;
        server.Map("GET", "/stalls", async exchange =>
        {
            await exchange.StartAsync(200, length: 10, cancellationToken: stop);
            await Task.Delay(Timeout.Infinite, exchange.Aborted);
        });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url + "stalls", cancellationToken: stop);
        var body = response.OpenStream();
        using var own = new CancellationTokenSource();
        var read = body.ReadAsync(new byte[1], own.Token).AsTask();
        await own.CancelAsync();
        Assert.Equal(own.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read)).CancellationToken);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => body.ReadAsync(new byte[1], stop).AsTask());
        Assert.Contains("cancelled", error.Message);
    }
}
