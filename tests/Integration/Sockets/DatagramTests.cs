using System.Net;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Tests.Integration.Dns;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Integration.Sockets;

/// <summary><see cref="UDPClient"/> against servers of others.</summary>
public sealed class DatagramTests(DnsmasqServer dnsmasq) : IClassFixture<DnsmasqServer>
{
    private const string Echo = """
        import asyncio, sys
        class Echo(asyncio.DatagramProtocol):
            def connection_made(self, transport): self.transport = transport
            def datagram_received(self, data, peer): self.transport.sendto(data, peer)
        async def main():
            await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=('127.0.0.1', int(sys.argv[1])))
            await asyncio.sleep(600)
        asyncio.run(main())
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dnsmasq_answers_a_question_made_by_hand()
    {
        Assert.True(DnsmasqServer.IsInstalled, "dnsmasq is not installed.");
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", dnsmasq.EndPoint.Port, null, Stop);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var question = DnsPacket.Question("four.test", DnsRecordType.A);
            RandomNumberGenerator.Fill(question.AsSpan(0, 2));
            var reply = await client.RequestAsync(question, UDPCorrelations.Dns, null, Stop);
            Assert.Equal(IPAddress.Parse("192.0.2.4"), Assert.Single(DnsPacket.Addresses(reply.Data.Span, question, "four.test", DnsRecordType.A, "dnsmasq").Addresses));
        }));
    }

    [Theory]
    [InlineData("/usr/bin/socat")]
    [InlineData("/usr/bin/ncat")]
    [InlineData("/usr/bin/python3")]
    public async Task Echo_of_another_gives_back_what_it_got(string program)
    {
        var port = ServerProcess.FreePort();
        var folder = new ServerFolder();
        string[] arguments = program switch
        {
            "/usr/bin/socat" => [$"UDP4-RECVFROM:{port},bind=127.0.0.1,fork", "EXEC:/bin/cat"],
            "/usr/bin/ncat" => ["-u", "-l", "127.0.0.1", $"{port}", "-e", "/bin/cat"],
            _ => [folder.Write("echo.py", Echo), $"{port}"],
        };
        await using var server = await ServerProcess.StartDatagramsAsync(folder, port, program, arguments);
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", port, null, Stop);
        foreach (var size in (int[])[1, 100, 5000])
        {
            var request = RandomNumberGenerator.GetBytes(size);
            Assert.Equal(request, (await client.RequestAsync(request, static (sent, reply) => sent.SequenceEqual(reply), null, Stop)).Data.ToArray());
        }
    }

    [Fact]
    public async Task Kill_9_of_the_server_is_told_and_a_new_one_is_reached()
    {
        var port = ServerProcess.FreePort();
        // One process, not one a datagram: with it the port is free.
        static Task<ServerProcess> StartAsync(int port)
        {
            var folder = new ServerFolder();
            return ServerProcess.StartDatagramsAsync(folder, port, "/usr/bin/python3", folder.Write("echo.py", Echo), $"{port}");
        }
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", port, null, Stop);
        await using (var first = await StartAsync(port))
        {
            Assert.Equal("one", await AskAsync(client, "one"));
            first.Kill();
        }
        Assert.Equal("udp.refused", (await Assert.ThrowsAsync<ConnectionException>(() => AskAsync(client, "nobody"))).Code);
        await using var second = await StartAsync(port);
        Assert.Equal("two", await AskAsync(client, "two"));
    }

    [Fact]
    public async Task Socat_sends_to_a_bound_client_which_answers()
    {
        await using var server = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var serving = Task.Run(async () =>
        {
            var question = await server.ReceiveAsync(Stop);
            await server.SendAsync(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(question.Data.Span).ToUpperInvariant()), question.RemoteEndPoint, Stop);
        }, Stop);
        Assert.Equal("HELLO", await ToolRun.RunAsync("hello", "/usr/bin/socat", "-t1", "-", $"UDP4:127.0.0.1:{server.Port}"));
        await serving;
    }

    [Fact]
    public async Task Firewall_that_drops_is_a_timeout_and_one_that_refuses_is_told()
    {
        using var network = await NetworkNamespace.StartAsync("""
            nft -f - <<RULES
            table inet test {
             chain in {
              type filter hook input priority 0;
              udp dport 9 drop
              udp dport 10 reject with icmpx host-unreachable
             }
             chain out {
              type filter hook output priority 0;
              udp dport 11 drop
             }
            }
            RULES
            """);
        var patience = new UDPRequestOptions { Transmissions = 2, FirstWait = TimeSpan.FromMilliseconds(30) };
        await using var client = network.Open(() => UDPClient.Bind());
        Task<NetworkException> FailsAsync(int port) => Assert.ThrowsAnyAsync<NetworkException>(
            () => client.RequestAsync("x"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, port), UDPCorrelations.Anything, patience, Stop));
        var dropped = await FailsAsync(9);
        Assert.Equal(("timeout.first_byte", 2), (dropped.Code, dropped.Attempts.Count));
        Assert.Equal(("udp.unreachable", new Endpoint("127.0.0.1", 10)), ((await FailsAsync(10)) is var refused ? (refused.Code, refused.Endpoint!) : default));
        Assert.Equal("local.address", (await FailsAsync(11)).Code);
        Assert.Equal("udp.refused", (await FailsAsync(12)).Code);
        await using var connected = network.Open(() => Connect("127.0.0.1", 10));
        Assert.Equal("udp.unreachable", (await Assert.ThrowsAsync<ConnectionException>(() => AskAsync(connected, "x"))).Code);
        // Nothing leads there.
        Assert.Equal("udp.unreachable", Assert.Throws<ConnectionException>(() => network.Open(() => Connect("198.51.100.1", 9))).Code);
        await Assert.ThrowsAsync<ConnectionException>(async () => await client.SendAsync("x"u8.ToArray(), new IPEndPoint(IPAddress.Parse("198.51.100.1"), 9), Stop));
    }

    [Fact]
    public async Task Datagram_that_may_not_be_cut_up_tells_the_limit_of_its_way()
    {
        using var network = await NetworkNamespace.StartAsync("ip link set lo mtu 1400");
        await using var bound = network.Open(() => UDPClient.Bind(null, new UDPClientOptions { DontFragment = true }));
        var to = new IPEndPoint(IPAddress.Loopback, bound.Port);
        await using var client = network.Open(() => Connect("127.0.0.1", to.Port, new UDPClientOptions { DontFragment = true }));
        await client.SendAsync(new byte[1372], Stop);
        var error = await Assert.ThrowsAsync<ConnectionException>(async () => await client.SendAsync(new byte[1373], Stop));
        Assert.Equal("udp.too_large", error.Code);
        Assert.Contains("1400 bytes", error.Message);
        Assert.Equal(1372, (await bound.ReceiveAsync(Stop)).Data.Length);
        error = await Assert.ThrowsAsync<ConnectionException>(async () => await bound.SendAsync(new byte[2000], to, Stop));
        Assert.Contains("1400 bytes", error.Message);
        await using var relaxed = network.Open(() => UDPClient.Bind());
        await relaxed.SendAsync(new byte[20_000], to, Stop);
        Assert.Equal(20_000, (await bound.ReceiveAsync(Stop)).Data.Length);
    }

    [Fact]
    public async Task Group_of_IPv6_is_heard_by_its_members()
    {
        using var network = await NetworkNamespace.StartAsync("""
            ip link add one index 7 type veth peer other
            ip link set one up multicast on
            ip link set other up
            ip -6 addr add fd00:7::1/64 dev one nodad
            """);
        var options = new UDPClientOptions { Multicast = new MulticastOptions { InterfaceIndex = 7, TimeToLive = 3 } };
        await using var member = network.Open(() => UDPClient.Bind(new IPEndPoint(IPAddress.IPv6Any, 0), options));
        var group = IPAddress.Parse("ff15::7:7");
        member.Join(group, 7);
        await using var speaker = network.Open(() => UDPClient.Bind(new IPEndPoint(IPAddress.IPv6Any, 0), options));
        await speaker.SendAsync("to all"u8.ToArray(), new IPEndPoint(group, member.Port), Stop);
        var heard = await member.ReceiveAsync(Stop);
        Assert.Equal(("to all", IPAddress.Parse("fd00:7::1")), (Encoding.UTF8.GetString(heard.Data.Span), heard.RemoteEndPoint.Address));
    }

    // An address needs no other thread, so that the socket is opened on this one.
    private static UDPClient Connect(string address, int port, UDPClientOptions? options = null)
    {
        var connecting = UDPClient.ConnectAsync(address, port, options, Stop);
        Assert.True(connecting.IsCompleted);
        return connecting.GetAwaiter().GetResult();
    }

    private static async Task<string> AskAsync(UDPClient client, string text) =>
        Encoding.UTF8.GetString((await client.RequestAsync(Encoding.UTF8.GetBytes(text), static (sent, reply) => sent.SequenceEqual(reply), null, Stop)).Data.Span);
}
