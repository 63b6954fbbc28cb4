using System.Net;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>Table TCP/UDP, rows 18 and 21, and the policy: datagrams out and in.</summary>
public sealed class UDPClientTests
{
    private static readonly IPEndPoint Any4 = new(IPAddress.Loopback, 0);
    private static readonly IPEndPoint Any6 = new(IPAddress.IPv6Loopback, 0);

    private static Task<UDPClient> ConnectAsync(LoopbackUDPServer server, UDPClientOptions? options = null) =>
        UDPClient.ConnectAsync(server.EndPoint.Address.ToString(), server.Port, options, Stop);

    private static async Task<UDPDatagram> NextAsync(UDPClient client) => await client.ReceiveAsync(Stop).AsTask().WaitAsync(Patience);

    private static UDPClientOptions Under(EgressPolicy policy) => new() { Transport = TransportOptions.Default with { Policy = policy } };

    /// <summary>A port that nothing is bound to.</summary>
    private static async Task<IPEndPoint> NobodyAsync()
    {
        await using var gone = UDPClient.Bind(Any4);
        return gone.LocalEndPoint!;
    }

    [Fact]
    public async Task Connected_client_gets_its_answer()
    {
        await using var server = LoopbackUDPServer.Start();
        await using var client = await ConnectAsync(server);
        await client.SendAsync("hello", Stop);
        var datagram = await NextAsync(client);
        Assert.Equal("hello", datagram.Data.Text());
        Assert.Equal((server.EndPoint, false), (datagram.RemoteEndPoint, datagram.IsTruncated));
        Assert.Equal((server.EndPoint, IPAddress.Loopback), (client.RemoteEndPoint, client.LocalEndPoint!.Address));
        Assert.Equal((1, 1), (client.GetStatistics().Sent, client.GetStatistics().Received));
    }

    [Fact]
    public async Task Client_made_by_its_constructor_connects_when_it_is_first_used()
    {
        await using var server = LoopbackUDPServer.Start();
        await using var client = new UDPClient("localhost", server.Port);
        Assert.Null(client.LocalEndPoint);
        await client.SendAsync("late", Stop);
        Assert.Equal("late", (await NextAsync(client)).Data.Text());
        Assert.Equal($"localhost:{server.Port}", client.ToString());
    }

    [Fact]
    public async Task Bound_client_serves_many_over_IPv4_and_IPv6_at_once()
    {
        await using var server = UDPClient.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        await using var one = await UDPClient.ConnectAsync("127.0.0.1", server.Port, null, Stop);
        await using var other = await UDPClient.ConnectAsync("::1", server.Port, null, Stop);
        await one.SendAsync("four", Stop);
        await other.SendAsync("six", Stop);
        for (var i = 0; i < 2; i++)
        {
            var datagram = await NextAsync(server);
            Assert.Equal(datagram.Data.Text() == "four" ? one.LocalEndPoint : other.LocalEndPoint, datagram.RemoteEndPoint);
            await server.SendAsync(datagram.Data, datagram.RemoteEndPoint, Stop);
        }
        Assert.Equal(("four", "six"), ((await NextAsync(one)).Data.Text(), (await NextAsync(other)).Data.Text()));
    }

    [Fact]
    public async Task Bound_client_without_an_address_is_bound_to_all_at_any_port()
    {
        await using var client = UDPClient.Bind();
        Assert.True(client.Port > 0);
        await using var server = LoopbackUDPServer.Start();
        await client.SendAsync("x"u8.ToArray(), server.EndPoint, Stop);
        Assert.Equal(server.EndPoint, (await NextAsync(client)).RemoteEndPoint);
    }

    [Fact]
    public async Task Socket_of_one_family_says_so_of_an_address_of_the_other()
    {
        await using var client = UDPClient.Bind(Any4);
        var error = await FailsAsync(async () => await client.SendAsync("x"u8.ToArray(), new IPEndPoint(IPAddress.IPv6Loopback, 9), Stop), "udp.unreachable");
        Assert.Contains("other family", error.Message);
        await using var strict = UDPClient.Bind(new IPEndPoint(IPAddress.IPv6Any, 0), new UDPClientOptions { DualStack = false });
        await FailsAsync(async () => await strict.SendAsync("x"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, 9), Stop), "udp.unreachable");
    }

    [Fact]
    public async Task Name_is_resolved_by_the_resolver_of_the_options()
    {
        await using var server = LoopbackUDPServer.Start();
        var resolver = ResolverOptions.Default with { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["echo.test"] = [IPAddress.Loopback] } };
        var options = new UDPClientOptions { Transport = TransportOptions.Default with { Resolver = resolver } };
        await using var client = await UDPClient.ConnectAsync("echo.test", server.Port, options, Stop);
        Assert.Equal(server.EndPoint, client.RemoteEndPoint);
        await using var bound = UDPClient.Bind(Any4, options);
        for (var i = 0; i < 2; i++)
        {
            await bound.SendAsync("by name"u8.ToArray(), "echo.test", server.Port, Stop);
            Assert.Equal("by name", (await NextAsync(bound)).Data.Text());
        }
        await FailsAsync(async () => await bound.SendAsync("x"u8.ToArray(), "nowhere.invalid", 9, Stop), "dns.not_found");
    }

    [Fact]
    public async Task Name_that_takes_too_long_is_a_timeout()
    {
        var clock = new Http.ObservedClock();
        var options = new UDPClientOptions
        {
            Clock = clock,
            Timeouts = Timeouts.Default with { Resolve = TimeSpan.FromSeconds(3) },
            Transport = TransportOptions.Default with { Resolver = ResolverOptions.Default with { Custom = new Never() } },
        };
        await using var client = new UDPClient("slow.test", 9, options);
        var connecting = client.ConnectAsync(Stop).AsTask();
        await clock.SetAsync(TimeSpan.FromSeconds(3));
        clock.Advance(TimeSpan.FromSeconds(3));
        await FailsAsync(() => connecting, "timeout.resolve");
    }

    [Fact]
    public async Task Sequence_of_datagrams_goes_on_until_the_client_is_disposed()
    {
        var server = UDPClient.Bind(Any4);
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", server.Port, null, Stop);
        for (var i = 0; i < 3; i++)
            await client.SendAsync($"{i}", Stop);
        var all = new List<string>();
        await foreach (var datagram in server.WithCancellation(Stop))
        {
            all.Add(datagram.Data.Text());
            if (all.Count == 3)
                await server.DisposeAsync();
        }
        Assert.Equal(["0", "1", "2"], all);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await server.ReceiveAsync(Stop));
    }

    [Fact]
    public async Task Empty_datagram_and_the_longest_arrive_whole()
    {
        await using var server = LoopbackUDPServer.Start();
        await using var client = await ConnectAsync(server);
        await client.SendAsync(ReadOnlyMemory<byte>.Empty, Stop);
        Assert.Equal(0, (await NextAsync(client)).Data.Length);
        var longest = new byte[65_507];
        Random.Shared.NextBytes(longest);
        await client.SendAsync(longest, Stop);
        Assert.Equal(longest, (await NextAsync(client)).Data.ToArray());
    }

    [Fact]
    public async Task Longer_datagram_is_refused_before_anything_is_sent_and_the_limit_is_named()
    {
        await using var server = LoopbackUDPServer.Start();
        await using var client = await ConnectAsync(server);
        var error = await FailsAsync(async () => await client.SendAsync(new byte[65_508], Stop), "udp.too_large");
        Assert.IsType<ConnectionException>(error);
        Assert.Contains("65507 bytes", error.Message);
        Assert.Equal((WasSent.Never, false), (error.WasSent, error.IsTransient));
        Assert.Equal(0, client.GetStatistics().Sent);
    }

    [Fact]
    public async Task Datagram_longer_than_the_buffer_is_reported_as_truncated()
    {
        await using var server = LoopbackUDPServer.Start();
        await using var client = await ConnectAsync(server, new UDPClientOptions { MaxDatagramBytes = 10 });
        await client.SendAsync(new byte[11], Stop);
        await client.SendAsync(new byte[10], Stop);
        var cut = await NextAsync(client);
        Assert.Equal((10, true), (cut.Data.Length, cut.IsTruncated));
        var whole = await NextAsync(client);
        Assert.Equal((10, false), (whole.Data.Length, whole.IsTruncated));
        Assert.Equal(1, client.GetStatistics().Truncated);
    }

    [Fact]
    public async Task Datagram_says_by_which_interface_and_address_it_came()
    {
        await using var server = UDPClient.Bind(new IPEndPoint(IPAddress.Any, 0), new UDPClientOptions { ReportsInterface = true, MaxDatagramBytes = 4 });
        await using var client = await UDPClient.ConnectAsync("127.0.0.2", server.Port, null, Stop);
        await client.SendAsync("where?", Stop);
        var datagram = await NextAsync(server);
        Assert.Equal((IPAddress.Parse("127.0.0.2"), client.LocalEndPoint), (datagram.LocalAddress, datagram.RemoteEndPoint));
        Assert.Equal((System.Net.NetworkInformation.NetworkInterface.LoopbackInterfaceIndex, true), (datagram.InterfaceIndex, datagram.IsTruncated));
    }

    [Fact]
    public async Task Nobody_at_the_port_is_told_to_a_connected_client()
    {
        var nobody = await NobodyAsync();
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", nobody.Port, null, Stop);
        await client.SendAsync("hello?", Stop);
        var error = await FailsAsync(async () => await client.ReceiveAsync(Stop), "udp.refused");
        Assert.IsType<ConnectionException>(error);
        Assert.Equal((new Endpoint("127.0.0.1", nobody.Port), WasSent.Maybe, true), (error.Endpoint, error.WasSent, error.IsTransient));
        // A send hears of it too, and the client goes on.
        await client.SendAsync("hello?", Stop);
        await FailsAsync(async () =>
        {
            while (true)
                await client.SendAsync("hello?", Stop);
        }, "udp.refused");
        Assert.True(client.GetStatistics().Unreachable >= 2);
    }

    [Fact]
    public async Task Nobody_at_the_port_is_told_to_a_bound_client_with_the_peer()
    {
        var nobody = await NobodyAsync();
        await using var server = LoopbackUDPServer.Start();
        await using var client = UDPClient.Bind();
        await client.SendAsync("hello?"u8.ToArray(), nobody, Stop);
        // What is sent to somebody else is none of its business.
        for (var i = 0; i < 20; i++)
            await client.SendAsync("hello"u8.ToArray(), server.EndPoint, Stop);
        var error = await FailsAsync(async () =>
        {
            for (var i = 0; i < 21; i++)
                await client.ReceiveAsync(Stop);
        }, "udp.refused");
        Assert.Equal(Endpoint.Of(nobody), error.Endpoint);
        await client.SendAsync("still here"u8.ToArray(), server.EndPoint, Stop);
        while ((await NextAsync(client)).Data.Text() != "still here")
        {
        }
    }

    [Fact]
    public async Task Sequence_of_a_bound_client_goes_on_when_a_peer_is_gone()
    {
        var nobody = await NobodyAsync();
        await using var server = UDPClient.Bind(Any4);
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", server.Port, null, Stop);
        await server.SendAsync("gone?"u8.ToArray(), nobody, Stop);
        var receiving = Task.Run(async () =>
        {
            await foreach (var datagram in server.ReceiveAllAsync(Stop))
                return datagram.Data.Text();
            return "";
        }, Stop);
        await client.SendAsync("alive", Stop);
        Assert.Equal("alive", await receiving.WaitAsync(Patience, Stop));
        Assert.Equal(1, server.GetStatistics().Unreachable);
    }

    [Fact]
    public async Task Silence_is_a_timeout_of_a_connected_client()
    {
        var clock = new Http.ObservedClock();
        await using var silent = UDPClient.Bind(Any4);
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", silent.Port, new UDPClientOptions { Clock = clock, Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(7) } }, Stop);
        var receiving = client.ReceiveAsync(Stop).AsTask();
        await clock.SetAsync(TimeSpan.FromSeconds(7));
        clock.Advance(TimeSpan.FromSeconds(7));
        var error = await FailsAsync(() => receiving, "timeout.first_byte");
        Assert.Contains("7 s", error.Message);
    }

    [Fact]
    public async Task Cancelled_receive_loses_nothing()
    {
        await using var server = LoopbackUDPServer.Start();
        await using var client = await ConnectAsync(server);
        using var cancel = new CancellationTokenSource();
        var receiving = client.ReceiveAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        Assert.Equal(cancel.Token, error.CancellationToken);
        await client.SendAsync("kept", Stop);
        Assert.Equal("kept", (await NextAsync(client)).Data.Text());
    }

    [Fact]
    public async Task Second_receive_beside_the_first_is_a_mistake()
    {
        await using var client = UDPClient.Bind(Any4);
        var first = client.ReceiveAsync(Stop).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await client.ReceiveAsync(Stop));
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => first);
    }

    [Fact]
    public async Task Policy_is_asked_about_name_and_address_of_a_connected_client()
    {
        await using var server = LoopbackUDPServer.Start();
        var error = await FailsAsync(async () => await UDPClient.ConnectAsync("127.0.0.1", server.Port, Under(EgressPolicy.PublicInternetOnly), Stop), "policy.denied");
        Assert.IsType<PolicyException>(error);
        error = await FailsAsync(async () => await UDPClient.ConnectAsync("localhost", server.Port, Under(EgressPolicy.PublicInternetOnly), Stop), "policy.denied");
        Assert.Contains("loopback", ((PolicyException)error).Rule);
        await FailsAsync(async () => await UDPClient.ConnectAsync("localhost", server.Port, Under(EgressPolicy.Unrestricted.Denying("localhost")), Stop), "policy.denied");
        await using var allowed = await UDPClient.ConnectAsync("localhost", server.Port, Under(EgressPolicy.Nothing.Allowing("localhost")), Stop);
        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task Policy_is_asked_about_every_destination_of_a_bound_client()
    {
        await using var allowed = LoopbackUDPServer.Start();
        await using var denied = LoopbackUDPServer.Start();
        await using var client = UDPClient.Bind(null, Under(EgressPolicy.Nothing.Allowing($"127.0.0.1:{allowed.Port}")));
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync("in"u8.ToArray(), allowed.EndPoint, Stop);
            foreach (var spelling in (IPAddress[])[IPAddress.Loopback, IPAddress.Loopback.MapToIPv6()])
                await FailsAsync(async () => await client.SendAsync("out"u8.ToArray(), new IPEndPoint(spelling, denied.Port), Stop), "policy.denied");
        }
        // Whoever changes an address that was asked about changes nothing here.
        var changing = new IPEndPoint(IPAddress.Loopback, allowed.Port);
        await client.SendAsync("in"u8.ToArray(), changing, Stop);
        changing.Port = denied.Port;
        await FailsAsync(async () => await client.SendAsync("out"u8.ToArray(), changing, Stop), "policy.denied");
        var batch = new UDPBatch();
        batch.TryAdd("in"u8, allowed.EndPoint);
        batch.TryAdd("out"u8, denied.EndPoint);
        await FailsAsync(async () => await client.SendBatchAsync(batch, Stop), "policy.denied");
        await FailsAsync(async () => await client.SendSegmentsAsync("out"u8.ToArray(), 1, denied.EndPoint, Stop), "policy.denied");
        await FailsAsync(async () => await client.RequestAsync("out"u8.ToArray(), denied.EndPoint, UDPCorrelations.Anything, null, Stop), "policy.denied");
        Assert.Empty(denied.Received);
    }

    [Fact]
    public async Task A_name_that_may_be_sent_to_does_not_open_its_address()
    {
        await using var server = LoopbackUDPServer.Start();
        var resolver = ResolverOptions.Default with { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["echo.test"] = [IPAddress.Loopback] } };
        var options = Under(EgressPolicy.Nothing.Allowing("echo.test"));
        await using var client = UDPClient.Bind(Any4, options with { Transport = options.Transport with { Resolver = resolver } });
        await client.SendAsync("in"u8.ToArray(), "echo.test", server.Port, Stop);
        await FailsAsync(async () => await client.SendAsync("out"u8.ToArray(), server.EndPoint, Stop), "policy.denied");
        Assert.Equal("in", (await NextAsync(client)).Data.Text());
    }

    [Fact]
    public async Task A_name_that_turns_to_another_address_is_asked_about_again()
    {
        var resolver = new Turning();
        var options = new UDPClientOptions
        {
            Transport = TransportOptions.Default with
            {
                Policy = EgressPolicy.Unrestricted.Denying("127.0.0.9"),
                Resolver = ResolverOptions.Default with { Custom = resolver, DefaultTimeToLive = TimeSpan.Zero },
            },
        };
        await using var client = UDPClient.Bind(Any4, options);
        await using var server = LoopbackUDPServer.Start();
        await client.SendAsync("in"u8.ToArray(), "turning.test", server.Port, Stop);
        resolver.Address = IPAddress.Parse("127.0.0.9");
        await FailsAsync(async () => await client.SendAsync("out"u8.ToArray(), "turning.test", server.Port, Stop), "policy.denied");
    }

    [Fact]
    public async Task Connected_client_sends_to_nobody_else_and_a_bound_one_wants_to_know_to_whom()
    {
        await using var server = LoopbackUDPServer.Start();
        await using var client = await ConnectAsync(server);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await client.SendAsync("x"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, 9), Stop));
        await using var bound = UDPClient.Bind(Any4);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await bound.SendAsync("x", Stop));
    }

    [Fact]
    public async Task Address_that_is_taken_or_not_ours_is_a_local_error()
    {
        await using var first = UDPClient.Bind(Any6);
        var error = Assert.Throws<ConnectionException>(() => UDPClient.Bind(first.LocalEndPoint));
        Assert.Equal("local.address", error.Code);
        Assert.Equal("local.address", Assert.Throws<ConnectionException>(() => UDPClient.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0))).Code);
    }

    [Fact]
    public async Task Local_address_of_the_other_family_is_a_local_error_and_one_of_ours_is_used()
    {
        await using var server = LoopbackUDPServer.Start();
        static UDPClientOptions From(IPAddress address) => new() { Transport = TransportOptions.Default with { BindAddress = address } };
        await FailsAsync(async () => await ConnectAsync(server, From(IPAddress.IPv6Loopback)), "local.address");
        await using var client = await ConnectAsync(server, From(IPAddress.Parse("127.0.0.3")));
        Assert.Equal(IPAddress.Parse("127.0.0.3"), client.LocalEndPoint!.Address);
    }

    [Fact]
    public void Wrong_settings_are_named()
    {
        Assert.Contains("MaxDatagramBytes", Assert.ThrowsAny<ArgumentException>(() => UDPClient.Bind(null, new UDPClientOptions { MaxDatagramBytes = 0 })).Message);
        Assert.Contains("MaxRequests", Assert.ThrowsAny<ArgumentException>(() => UDPClient.Bind(null, new UDPClientOptions { MaxRequests = 0 })).Message);
        Assert.Contains("Transmissions", Assert.ThrowsAny<ArgumentException>(() => UDPClient.Bind(null, new UDPClientOptions { Request = new UDPRequestOptions { Transmissions = 0 } })).Message);
        Assert.Contains("TimeToLive", Assert.ThrowsAny<ArgumentException>(() => UDPClient.Bind(null, new UDPClientOptions { Multicast = new MulticastOptions { TimeToLive = 256 } })).Message);
        var proxied = TransportOptions.Default with { Proxy = ProxyOptions.Parse("socks5://127.0.0.1:1080") };
        Assert.Contains("proxy", Assert.Throws<ArgumentException>(() => UDPClient.Bind(null, new UDPClientOptions { Transport = proxied })).Message);
    }

    [Fact]
    public async Task Thousands_of_clients_leave_no_descriptor_open()
    {
        await using var server = LoopbackUDPServer.Start();
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var i = 0; i < 2000; i++)
        {
            await using var client = await ConnectAsync(server);
            if (i % 100 == 0)
                Assert.Equal("x", (await client.RequestAsync("x"u8.ToArray(), UDPCorrelations.Anything, null, Stop)).Data.Text());
        }
        // Other tests hold many for a while.
        Becomes(() => Directory.GetFiles("/proc/self/fd").Length < before + 200, "no descriptor stays open");
    }

    private sealed class Never : IResolver
    {
        public async ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException();
        }
    }

    private sealed class Turning : IResolver
    {
        public IPAddress Address { get; set; } = IPAddress.Loopback;

        public ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken) => ValueTask.FromResult(new ResolvedAddresses([Address]));
    }
}
