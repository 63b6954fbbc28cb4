using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Pool statistics are readable, and a client that is disposed leaves nothing open.</summary>
public class PoolStatisticsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static (int Open, int Idle, int InFlight, long Opened, long Closed) Numbers(HTTPClient client)
    {
        var all = client.GetPoolStatistics();
        return (all.OpenConnections, all.IdleConnections, all.RequestsInFlight, all.ConnectionsOpened, all.ConnectionsClosed);
    }

    [Fact]
    public async Task Pool_statistics_tell_open_and_idle_connections_and_requests_in_flight_of_each_host()
    {
        await using var one = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var other = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        Assert.Empty(client.GetPoolStatistics().Hosts);
        (await client.GetAsync(one.Url + "get", cancellationToken: Stop)).Dispose();
        Assert.Equal((1, 1, 0, 1, 0), Numbers(client));
        using (var streamed = await client.StreamAsync(one.Url + "bytes/2000000", cancellationToken: Stop))
        {
            Assert.Equal((1, 0, 1, 1, 0), Numbers(client));
            using var second = await client.StreamAsync(other.Url + "bytes/2000000", cancellationToken: Stop);
            var hosts = client.GetPoolStatistics().Hosts.ToDictionary(host => host.Host.Port);
            Assert.Equal(new HostPoolStatistics(new Endpoint("127.0.0.1", one.Port), 1, 0, 1, 1, 0), hosts[one.Port]);
            Assert.Equal(new HostPoolStatistics(new Endpoint("127.0.0.1", other.Port), 1, 0, 1, 1, 0), hosts[other.Port]);
            await streamed.OpenStream().CopyToAsync(Stream.Null, Stop);
            // Read to its end: done, although not disposed.
            Assert.Equal((2, 1, 1, 2, 0), Numbers(client));
        }
        Assert.Equal((2, 0), (client.GetPoolStatistics().ConnectionsOpened, client.GetPoolStatistics().RequestsInFlight));
    }

    [Fact]
    public async Task Requests_that_wait_for_a_connection_are_in_flight_and_failed_ones_are_not()
    {
        var go = new TaskCompletionSource();
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", async exchange =>
        {
            await go.Task;
            await exchange.RespondAsync(200, "x");
        });
        using var client = new HTTPClient(RawAnswer.Options with { Transport = new TransportOptions { Pool = new PoolOptions { MaxConnectionsPerHost = 1 } } });
        using var gaveUp = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 3).Select(_ => client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).ToList();
        // The one that is given up must be one of those that wait: the connection would end with it.
        await server.WaitForConnectionsAsync(1, Stop);
        var cancelled = client.GetAsync(server.Url.ToString(), cancellationToken: gaveUp.Token);
        Assert.Equal(4, client.GetPoolStatistics().RequestsInFlight);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(3, client.GetPoolStatistics().RequestsInFlight);
        go.SetResult();
        foreach (var response in await Task.WhenAll(calls))
            response.Dispose();
        Assert.Equal((1, 1, 0), (client.GetPoolStatistics().OpenConnections, client.GetPoolStatistics().IdleConnections, client.GetPoolStatistics().RequestsInFlight));
        var dead = await RawAnswer.FailureAsync(client, new Uri("http://127.0.0.1:9/"));
        Assert.Equal((ErrorCodes.TcpRefused, 0, 1L), (dead.Code, client.GetPoolStatistics().RequestsInFlight, client.GetPoolStatistics().ConnectionsOpened));
    }

    [Fact]
    public async Task Requests_that_share_an_http2_connection_are_counted_with_it()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var server = Http2Peer.Start(async peer =>
        {
            var first = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, 5, first, Http2Peer.Status200);
            var (second, third) = (await peer.ReadUntilAsync(Http2Peer.Headers), await peer.ReadUntilAsync(Http2Peer.Headers));
            asked.SetResult();
            await answer.Task;
            await peer.SendAsync(Http2Peer.Headers, 5, second, Http2Peer.Status200);
            await peer.SendAsync(Http2Peer.Headers, 5, third, Http2Peer.Status200);
        });
        using var client = new HTTPClient(RawAnswer.Options with { Version = HttpVersionChoice.Http2 });
        (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).Dispose();
        Assert.Equal((1, 1, 0, 1, 0), Numbers(client));
        var calls = Enumerable.Range(0, 2).Select(_ => client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).ToArray();
        await asked.Task;
        Assert.Equal((1, 0, 2, 1, 0), Numbers(client));
        answer.SetResult();
        foreach (var response in await Task.WhenAll(calls))
            response.Dispose();
        Assert.Equal((1, 1, 0, 1, 0), Numbers(client));
    }

    [Theory]
    [InlineData(HttpVersionChoice.Http11)]
    [InlineData(HttpVersionChoice.Negotiate)]
    public async Task Disposed_client_leaves_no_connection_open(HttpVersionChoice version)
    {
        using var authority = new TestCertificateAuthority();
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } }));
        var client = new HTTPClient(RawAnswer.Options with { Version = version, Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [authority.Root] } } });
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetAsync(server.Url + "get", cancellationToken: Stop)));
        Assert.All(responses, response => response.Dispose());
        await client.DisposeAsync();
        var all = client.GetPoolStatistics();
        Assert.Equal((0, 0, 0, 0L), (all.OpenConnections, all.IdleConnections, all.RequestsInFlight, all.ConnectionsOpened - all.ConnectionsClosed));
        Assert.True(all.ConnectionsOpened > 0);
    }

    [Fact]
    public async Task Broken_connections_leave_nothing_behind()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", stop);
            peer.Reset();
        });
        await using var client = new HTTPClient(RawAnswer.Options);
        for (var i = 0; i < 10; i++)
            await RawAnswer.FailureAsync(client, server.Url);
        // What is left of an answer is looked for when its caller has gone on, and then the connection is closed.
        SpinWait.SpinUntil(() => Numbers(client).Item5 == 10, TimeSpan.FromSeconds(10));
        Assert.Equal((0, 0, 0, 10, 10), Numbers(client));
    }

    [Fact]
    public async Task Dispose_drains_calls_under_way_and_takes_no_new_ones()
    {
        var go = new TaskCompletionSource();
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", async exchange =>
        {
            await go.Task;
            await exchange.RespondAsync(200, "whole");
        });
        var client = new HTTPClient(RawAnswer.Options);
        var call = client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
        await server.WaitForConnectionsAsync(1, Stop);
        var disposal = client.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetAsync(server.Url.ToString(), cancellationToken: Stop));
        go.SetResult();
        using var response = await call;
        Assert.Equal("whole", response.Text);
        await disposal;
        Assert.Equal((0, 0, 0, 1, 1), Numbers(client));
    }

    [Fact]
    public async Task Drain_is_bounded_and_cuts_off_what_is_not_done()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var client = new HTTPClient(RawAnswer.Options with { Clock = clock, DrainTimeout = TimeSpan.FromSeconds(3) });
        using var stuck = await client.StreamAsync(server.Url + "bytes/5000000", cancellationToken: Stop);
        var disposal = client.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(3));
        await disposal;
        Assert.Equal(0, client.GetPoolStatistics().OpenConnections);
        await Assert.ThrowsAnyAsync<NetworkException>(() => stuck.OpenStream().CopyToAsync(Stream.Null, Stop));
    }

    [Fact]
    public async Task Client_that_shares_its_connections_waits_for_nobody_and_closes_none()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var client = new HTTPClient(RawAnswer.Options);
        var derived = client.With(options => options with { UserAgent = "derived" });
        using (var streamed = await derived.StreamAsync(server.Url + "bytes/100000", cancellationToken: Stop))
        {
            await derived.DisposeAsync();
            Assert.Equal(1, client.GetPoolStatistics().OpenConnections);
            await streamed.OpenStream().CopyToAsync(Stream.Null, Stop);
        }
        using var response = await client.GetAsync(server.Url + "get", cancellationToken: Stop);
        Assert.True(response.IsReused);
    }

    [Fact]
    public async Task Changed_dns_answer_takes_effect_when_a_connection_has_lived_its_time()
    {
        await using var before = LoopbackServer.Start();
        await using var after = LoopbackServer.Start(new LoopbackServerOptions { Address = IPAddress.Parse("127.0.0.2"), Port = before.Port });
        before.MapStatic("GET", "/", "before"u8.ToArray());
        after.MapStatic("GET", "/", "after"u8.ToArray());
        var address = "127.0.0.1";
        var resolver = new Unit.Transport.DnsScriptedResolver((_, _) => new(new ResolvedAddresses([IPAddress.Parse(address)], TimeSpan.Zero)));
        foreach (var (lifetime, expected) in new[] { (TimeSpan.FromMinutes(5), "before"), (TimeSpan.Zero, "after") })
        {
            address = "127.0.0.1";
            using var client = new HTTPClient(RawAnswer.Options with
            {
                Transport = new TransportOptions { Resolver = new ResolverOptions { Custom = resolver }, Pool = new PoolOptions { Lifetime = lifetime } },
            });
            using var first = await client.GetAsync($"http://moving.test:{before.Port}/", cancellationToken: Stop);
            address = "127.0.0.2";
            using var second = await client.GetAsync($"http://moving.test:{before.Port}/", cancellationToken: Stop);
            Assert.Equal(("before", expected), (first.Text, second.Text));
        }
    }
}
