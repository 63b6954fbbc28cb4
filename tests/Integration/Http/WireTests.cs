using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>nginx by other ways than plain TCP, and with the HTTP/2 knobs turned.</summary>
public sealed class WireTests : IAsyncLifetime, IDisposable
{
    private readonly TestCertificateAuthority _authority = new();
    private NginxServer? _server;

    private NginxServer Server => _server!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await NginxServer.StartAsync(_authority);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Dispose();
    }

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Unix_socket_reaches_nginx_and_keeps_its_connection()
    {
        await using var client = new HTTPClient(Calls.Options with { Transport = new TransportOptions { UnixSocketPath = Server.UnixSocket } });
        using var first = await client.GetAsync("http://any.name/hello.txt", cancellationToken: Stop);
        using var second = await client.GetAsync("http://any.name/text.html", cancellationToken: Stop);
        Assert.Equal(("hello", true, 1), (first.Text, second.IsReused, client.GetPoolStatistics().OpenConnections));
        Server.Kill();
        using var other = new HTTPClient(client.Options);
        var gone = await Assert.ThrowsAsync<ConnectionException>(() => other.GetAsync("http://any.name/hello.txt", cancellationToken: Stop));
        Assert.Equal((ErrorCodes.TcpRefused, WasSent.Never), (gone.Code, gone.WasSent));
    }

    [Fact]
    public async Task Zstd_file_of_nginx_is_decoded()
    {
        using var client = new HTTPClient(Calls.Options);
        using var coded = await client.GetAsync(Server.Plain + "text.zst", cancellationToken: Stop);
        using var plain = await client.GetAsync(Server.Plain + "text.html", cancellationToken: Stop);
        Assert.Equal(("zstd", plain.Text), (coded.Headers["Content-Encoding"], coded.Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Http2_requests_beyond_the_servers_limit_wait_or_get_another_connection(bool multiple)
    {
        var options = Calls.Trusting(_authority.Root);
        await using var client = new HTTPClient(options with
        {
            Version = HttpVersionChoice.Http2,
            Transport = options.Transport with { Pool = new PoolOptions { Http2 = new Http2Options { MultipleConnections = multiple, InitialStreamWindow = 1024 * 1024 } } },
        });
        (await client.GetAsync(Server.Tls12 + "hello.txt", cancellationToken: Stop)).Dispose();
        var streams = await Task.WhenAll(Enumerable.Range(0, NginxServer.StreamsOnTls12).Select(_ => client.StreamAsync(Server.Tls12 + "slow", cancellationToken: Stop)));
        var beyond = client.GetAsync(Server.Tls12 + "hello.txt", cancellationToken: Stop);
        if (multiple)
        {
            // Another connection, since the first has no place left.
            Assert.Equal("hello", (await beyond).Text);
            Assert.Equal(2, client.GetPoolStatistics().ConnectionsOpened);
        }
        else
        {
            Assert.False(beyond.IsCompleted);
            streams[0].Dispose();
            Assert.Equal("hello", (await beyond).Text);
            Assert.Equal(1, client.GetPoolStatistics().ConnectionsOpened);
        }
        foreach (var stream in streams)
            stream.Dispose();
    }

    [Theory]
    [InlineData(HttpVersionChoice.Http11)]
    [InlineData(HttpVersionChoice.Http2)]
    public async Task Nothing_is_open_after_the_client_although_the_server_died_under_it(HttpVersionChoice version)
    {
        var client = new HTTPClient(Calls.Trusting(_authority.Root) with { Version = version });
        var bodies = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.StreamAsync(Server.Tls13 + "slow", cancellationToken: Stop)));
        Assert.Equal(5, client.GetPoolStatistics().RequestsInFlight);
        Server.Kill();
        foreach (var body in bodies)
        {
            await Assert.ThrowsAnyAsync<NetworkException>(() => body.OpenStream().CopyToAsync(Stream.Null, Stop));
            body.Dispose();
        }
        await client.DisposeAsync();
        var left = client.GetPoolStatistics();
        Assert.Equal((0, 0, left.ConnectionsOpened), (left.OpenConnections, left.RequestsInFlight, left.ConnectionsClosed));
    }

    [Fact]
    public async Task Pool_of_squid_and_tinyproxy_goes_on_when_one_is_killed()
    {
        await using var target = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = _authority.Issue() } }));
        int squidPort = ServerProcess.FreePort(), tinyPort = ServerProcess.FreePort();
        await using var squid = await SquidProxy.StartAsync(squidPort, withCredentials: true);
        await using var tiny = await TinyProxy.StartAsync(tinyPort, target.Port, withCredentials: false);
        var pool = new ProxyPool(
        [
            new() { Kind = ProxyKind.Http, Host = "127.0.0.1", Port = squidPort, User = SquidProxy.User, Password = SquidProxy.Password },
            new() { Kind = ProxyKind.Http, Host = "127.0.0.1", Port = tinyPort },
        ]);
        var options = Calls.Trusting(_authority.Root);
        await using var client = new HTTPClient(options with
        {
            Retry = new RetryOptions { BaseDelay = TimeSpan.Zero },
            Transport = options.Transport with { Proxies = pool },
        });
        for (var i = 0; i < 4; i++)
            (await client.GetAsync(target.Url + "get", cancellationToken: Stop)).Dispose();
        Assert.All(pool.GetStatus(), status => Assert.Equal((ProxyState.Available, 2L), (status.State, status.Uses)));
        Assert.Equal(2, target.ConnectionCount);
        squid.Kill();
        for (var i = 0; i < 4; i++)
        {
            using var response = await client.PostAsync(target.Url + "post", RequestBody.Text("x"), new RequestOptions { SessionKey = "one", IdempotencyKey = "k" }, Stop);
            Assert.Equal(200, response.Status);
        }
        Assert.Equal([ProxyState.CoolingDown, ProxyState.Available], pool.GetStatus().Select(status => status.State));
    }
}
