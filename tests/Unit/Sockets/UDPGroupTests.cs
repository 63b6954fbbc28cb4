using System.Net;
using System.Net.NetworkInformation;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>Table TCP/UDP, row 19: multicast and broadcast, on the loopback interface.</summary>
public sealed class UDPGroupTests
{
    private static readonly int Loopback = NetworkInterface.LoopbackInterfaceIndex;
    private static readonly UDPClientOptions Shared = new() { ReuseAddress = true, Multicast = new MulticastOptions { InterfaceIndex = Loopback } };

    private static async Task<string> NextAsync(UDPClient client) => (await client.ReceiveAsync(Stop).AsTask().WaitAsync(Patience, Stop)).Data.Text();

    [Fact]
    public async Task Group_is_joined_heard_by_all_members_and_left()
    {
        var group = IPAddress.Parse("239.255.7.7");
        await using var one = UDPClient.Bind(new IPEndPoint(IPAddress.Any, 0), Shared);
        await using var other = UDPClient.Bind(new IPEndPoint(IPAddress.Any, one.Port), Shared);
        one.Join(group, Loopback);
        other.Join(group, Loopback);
        var to = new IPEndPoint(group, one.Port);
        await one.SendAsync("to all"u8.ToArray(), to, Stop);
        Assert.Equal(["to all", "to all"], [await NextAsync(one), await NextAsync(other)]);
        other.Leave(group, Loopback);
        await one.SendAsync("to some"u8.ToArray(), to, Stop);
        Assert.Equal("to some", await NextAsync(one));
        Assert.Throws<ConnectionException>(() => other.Leave(group, Loopback));
    }

    [Fact]
    public async Task Group_of_IPv6_is_joined_and_left()
    {
        // Without datagrams: the loopback interface has no route for groups of IPv6.
        var group = IPAddress.Parse("ff15::7:7");
        await using var member = UDPClient.Bind(null, Shared);
        member.Join(group, Loopback);
        Assert.Equal("local.address", Assert.Throws<ConnectionException>(() => member.Join(group, Loopback)).Code);
        member.Leave(group, Loopback);
        member.Join(group, Loopback, IPAddress.IPv6Loopback);
        member.Leave(group, Loopback, IPAddress.IPv6Loopback);
    }

    [Fact]
    public async Task Group_of_one_source_is_heard_from_that_source_alone()
    {
        var group = IPAddress.Parse("232.7.7.7");
        await using var member = UDPClient.Bind(new IPEndPoint(IPAddress.Any, 0), Shared);
        member.Join(group, Loopback, IPAddress.Parse("127.0.0.2"));
        await using var wrong = UDPClient.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.3"), 0), Shared);
        await using var right = UDPClient.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0), Shared);
        await wrong.SendAsync("wrong"u8.ToArray(), new IPEndPoint(group, member.Port), Stop);
        await right.SendAsync("right"u8.ToArray(), new IPEndPoint(group, member.Port), Stop);
        Assert.Equal("right", await NextAsync(member));
        member.Leave(group, Loopback, IPAddress.Parse("127.0.0.2"));
    }

    [Fact]
    public async Task Members_here_hear_nothing_where_loopback_is_off()
    {
        var group = IPAddress.Parse("239.255.7.8");
        await using var member = UDPClient.Bind(new IPEndPoint(IPAddress.Any, 0), Shared);
        member.Join(group, Loopback);
        await using var quiet = UDPClient.Bind(new IPEndPoint(IPAddress.Any, 0), Shared with { Multicast = Shared.Multicast with { Loopback = false, TimeToLive = 0 }, TimeToLive = 9 });
        await using var loud = UDPClient.Bind(new IPEndPoint(IPAddress.Any, 0), Shared);
        await loud.SendAsync("first"u8.ToArray(), new IPEndPoint(group, member.Port), Stop);
        Assert.Equal("first", await NextAsync(member));
    }

    [Fact]
    public async Task Broadcast_wants_to_be_asked_for()
    {
        await using var careful = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var everybody = new IPEndPoint(IPAddress.Parse("127.255.255.255"), careful.Port);
        var error = await FailsAsync(async () => await careful.SendAsync("x"u8.ToArray(), everybody, Stop), "local.address");
        Assert.Contains("AllowBroadcast", error.Message);
        await using var listener = UDPClient.Bind(new IPEndPoint(IPAddress.Any, 0));
        await using var loud = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0), new UDPClientOptions { AllowBroadcast = true });
        await loud.SendAsync("to everybody"u8.ToArray(), new IPEndPoint(everybody.Address, listener.Port), Stop);
        Assert.Equal("to everybody", await NextAsync(listener));
    }

    [Fact]
    public async Task Policy_for_the_public_internet_denies_groups_and_broadcast()
    {
        await using var client = UDPClient.Bind(null, new UDPClientOptions { AllowBroadcast = true, Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } });
        foreach (var address in (string[])["239.255.7.7", "255.255.255.255", "ff02::1"])
            await FailsAsync(async () => await client.SendAsync("x"u8.ToArray(), new IPEndPoint(IPAddress.Parse(address), 9), Stop), "policy.denied");
    }

    [Fact]
    public async Task What_is_no_group_is_a_mistake()
    {
        await using var client = UDPClient.Bind(new IPEndPoint(IPAddress.Any, 0));
        Assert.Throws<ArgumentException>(() => client.Join(IPAddress.Loopback));
        Assert.Throws<ArgumentException>(() => client.Join(IPAddress.Parse("232.7.7.7"), 0, IPAddress.IPv6Loopback));
        await using var closed = new UDPClient("127.0.0.1", 9);
        Assert.Throws<InvalidOperationException>(() => closed.Join(IPAddress.Parse("239.1.1.1")));
    }
}
