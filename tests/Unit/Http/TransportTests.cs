using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Transport;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>How the client gets to a server: addresses, host map, local address, Unix-domain sockets, pool.</summary>
public class TransportTests
{
    private static HTTPClientOptions With(TransportOptions transport) => RawAnswer.Options with { Transport = transport };

    [Fact]
    public async Task Dead_address_of_a_name_does_not_keep_the_live_one_from_answering()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("GET", "/", "live"u8.ToArray());
        using var client = new HTTPClient(With(new TransportOptions { Resolver = new ResolverOptions { Custom = DnsScriptedResolver.Of(null, "::1", "127.0.0.9", "127.0.0.1") } }));
        using var response = await client.GetAsync($"http://many.test:{server.Port}/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(("live", new IPEndPoint(IPAddress.Loopback, server.Port)), (response.Text, response.RemoteAddress));
        Assert.Equal("many.test:" + server.Port, server.Requests[0].Headers["Host"]);
    }

    [Fact]
    public async Task Every_dead_address_is_in_the_error()
    {
        int port;
        await using (var gone = LoopbackServer.Start())
            port = gone.Port;
        using var client = new HTTPClient(With(new TransportOptions { Resolver = new ResolverOptions { Custom = DnsScriptedResolver.Of(null, "127.0.0.8", "127.0.0.9") } }));
        var error = await RawAnswer.FailureAsync(client, new Uri($"http://dead.test:{port}/"));
        Assert.Equal(ErrorCodes.TcpRefused, error.Code);
        Assert.Equal([$"127.0.0.8:{port}", $"127.0.0.9:{port}"], error.Attempts.Select(attempt => attempt.Address).Order());
        Assert.All(error.Attempts, attempt => Assert.Equal(ErrorCodes.TcpRefused, attempt.Code));
    }

    [Fact]
    public async Task Host_map_beats_the_resolver_for_a_name_or_a_name_and_port()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("GET", "/", "mapped"u8.ToArray());
        var resolver = DnsScriptedResolver.NotFound();
        var hosts = new Dictionary<string, IReadOnlyList<IPAddress>>
        {
            ["fixed.test"] = [IPAddress.Loopback],
            [$"other.test:{server.Port}"] = [IPAddress.Loopback],
            ["other.test:1"] = [IPAddress.Parse("127.0.0.9")],
        };
        using var client = new HTTPClient(With(new TransportOptions { Resolver = new ResolverOptions { Custom = resolver, Hosts = hosts } }));
        foreach (var name in new[] { "fixed.test", "FIXED.test.", "other.test" })
        {
            using var response = await client.GetAsync($"http://{name}:{server.Port}/", cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal("mapped", response.Text);
        }
        Assert.Empty(resolver.Asked);
        var unknown = await RawAnswer.FailureAsync(client, new Uri("http://unknown.test/"));
        Assert.Equal((ErrorCodes.DnsNotFound, WasSent.Never), (unknown.Code, unknown.WasSent));
        Assert.IsType<DNSResolutionException>(unknown);
    }

    [Fact]
    public async Task Connection_comes_from_the_local_address_asked_for()
    {
        var from = new TaskCompletionSource<IPEndPoint>();
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            from.TrySetResult(peer.RemoteEndPoint);
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 204 No Content\r\n\r\n", stop);
        });
        using var client = new HTTPClient(With(new TransportOptions { BindAddress = IPAddress.Parse("127.0.0.2") }));
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal("127.0.0.2", (await from.Task).Address.ToString());
    }

    [Theory]
    [InlineData("192.0.2.77", ErrorCodes.LocalPorts)]
    [InlineData("::1", ErrorCodes.LocalAddress)]
    public async Task Local_address_that_is_not_ours_is_a_local_error(string address, string code)
    {
        await using var server = LoopbackServer.Start();
        var error = await RawAnswer.FailureAsync(server.Url, With(new TransportOptions { BindAddress = IPAddress.Parse(address) }));
        Assert.Equal((code, WasSent.Never, 0), (error.Code, error.WasSent, server.ConnectionCount));
    }

    [Fact]
    public async Task Unix_domain_socket_is_spoken_to_like_any_server()
    {
        var path = Path.Combine(Path.GetTempPath(), $"codonet-{Guid.NewGuid():N}.sock");
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions { UnixSocketPath = path }));
        using var client = new HTTPClient(With(new TransportOptions { UnixSocketPath = path }));
        using var first = await client.GetAsync("http://any.name/get", cancellationToken: TestContext.Current.CancellationToken);
        using var second = await client.GetAsync("http://any.name/get", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, true, null), (second.Status, second.IsReused, second.RemoteAddress));
        Assert.Equal("any.name", server.Requests[0].Headers["Host"]);
        var error = await RawAnswer.FailureAsync(new Uri("http://any.name/"), With(new TransportOptions { UnixSocketPath = path + ".none" }));
        Assert.Equal((ErrorCodes.LocalAddress, WasSent.Never), (error.Code, error.WasSent));
        Assert.Contains(path + ".none", error.Message);
    }

    [Fact]
    public async Task Raw_stream_of_the_callers_own_carries_the_request()
    {
        Endpoint? asked = null;
        using var client = new HTTPClient(With(new TransportOptions
        {
            DialOver = (endpoint, _) =>
            {
                asked = endpoint;
                return new ValueTask<Stream>(new EchoHostStream());
            },
        }));
        using var response = await client.GetAsync("http://inner.test:8080/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(("inner.test:8080", new Endpoint("inner.test", 8080)), (response.Text, asked));
    }

    [Fact]
    public async Task Named_pipe_is_spoken_to_over_a_stream_of_the_callers_own()
    {
        var name = $"codonet-{Guid.NewGuid():N}";
        await using var pipe = new NamedPipeServerStream(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        using var client = new HTTPClient(With(new TransportOptions
        {
            DialOver = async (_, ct) =>
            {
                var end = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous);
                await end.ConnectAsync(ct);
                return end;
            },
        }));
        var answering = Task.Run(async () =>
        {
            await pipe.WaitForConnectionAsync(TestContext.Current.CancellationToken);
            var asked = await pipe.ReadAsync(new byte[1024], TestContext.Current.CancellationToken);
            await pipe.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\npiped"u8.ToArray(), TestContext.Current.CancellationToken);
            return asked;
        });
        using var response = await client.GetAsync("http://service.test/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, "piped"), (response.Status, response.Text));
        Assert.True(await answering > 0);
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(SocketException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task Raw_stream_that_cannot_be_opened_is_a_network_error(Type type)
    {
        var cause = (Exception)Activator.CreateInstance(type)!;
        var error = await RawAnswer.FailureAsync(new Uri("http://inner.test/"), With(new TransportOptions { DialOver = (_, _) => throw cause }));
        Assert.Equal((NetworkPhase.Connect, WasSent.Never), (error.Phase, error.WasSent));
        Assert.Same(cause, error.InnerException);
    }

    [Fact]
    public async Task Connection_is_reused_until_it_is_too_old_or_idle_for_too_long()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        async Task<int> ConnectionsAsync(PoolOptions pool)
        {
            var before = server.ConnectionCount;
            using var client = new HTTPClient(With(new TransportOptions { Pool = pool }));
            for (var i = 0; i < 3; i++)
                (await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
            return server.ConnectionCount - before;
        }
        Assert.Equal(1, await ConnectionsAsync(PoolOptions.Default));
        Assert.Equal(3, await ConnectionsAsync(new PoolOptions { Lifetime = TimeSpan.Zero }));
    }

    [Fact]
    public async Task No_more_connections_are_open_than_allowed()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(With(new TransportOptions { Pool = new PoolOptions { MaxConnectionsPerHost = 2 } }));
        var calls = Enumerable.Range(0, 20).Select(_ => client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken)).ToArray();
        foreach (var response in await Task.WhenAll(calls))
            response.Dispose();
        Assert.InRange(server.ConnectionCount, 1, 2);
    }

    [Fact]
    public async Task Body_read_to_its_end_gives_the_connection_back_and_one_left_unread_does_not_block()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(With(new TransportOptions { Pool = new PoolOptions { MaxConnectionsPerHost = 1 } }));
        for (var i = 0; i < 3; i++)
        {
            using (var streamed = await client.StreamAsync(server.Url + "bytes/5000000", cancellationToken: TestContext.Current.CancellationToken))
                await streamed.OpenStream().ReadExactlyAsync(new byte[10], TestContext.Current.CancellationToken);
            using var response = await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(200, response.Status);
        }
    }

    [Fact]
    public async Task Two_thousand_calls_at_once_all_end()
    {
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { RecordedRequests = 0 });
        server.MapStatic("GET", "/", "ok"u8.ToArray());
        using var client = new HTTPClient(With(new TransportOptions { Pool = new PoolOptions { MaxConnectionsPerHost = 8 } }));
        var calls = Enumerable.Range(0, 2000).Select(_ => client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).ToArray();
        var responses = await Task.WhenAll(calls);
        Assert.All(responses, response => Assert.Equal("ok", response.Text));
        Assert.All(responses, response => response.Dispose());
    }
}
