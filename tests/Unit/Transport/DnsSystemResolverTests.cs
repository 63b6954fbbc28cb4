using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class DnsSystemResolverTests
{
    [Fact]
    public async Task Localhost_is_known_to_the_system()
    {
        var found = await new SystemResolver(IPFamilies.IPv4, TimeProvider.System).ResolveAsync("localhost", CancellationToken.None);
        Assert.Equal(IPAddress.Loopback, Assert.Single(found.Addresses.Distinct()));
        Assert.Null(found.TimeToLive);
    }

    [Fact]
    public async Task A_cancelled_look_up_is_a_cancellation()
    {
        var resolver = new SystemResolver(IPFamilies.Both, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await resolver.ResolveAsync("localhost", new CancellationToken(true)));
    }

    [Theory]
    [InlineData(SocketError.HostNotFound, ErrorCodes.DnsNotFound)]
    [InlineData(SocketError.NoData, ErrorCodes.DnsNotFound)]
    [InlineData(SocketError.AddressFamilyNotSupported, ErrorCodes.DnsNotFound)]
    [InlineData(SocketError.TryAgain, ErrorCodes.DnsServerFailure)]
    [InlineData(SocketError.NoRecovery, ErrorCodes.DnsServerFailure)]
    [InlineData(SocketError.NetworkDown, ErrorCodes.DnsServerFailure)]
    [InlineData(SocketError.TimedOut, ErrorCodes.DnsTimeout)]
    public void Failures_of_the_system_become_our_codes(SocketError error, string code)
    {
        var failure = SystemResolver.Failure("a.test", error, TimeSpan.FromSeconds(2));
        Assert.Equal(code, failure.Code);
        Assert.Equal(NetworkPhase.Resolve, failure.Phase);
        Assert.Equal(code, Assert.Single(failure.Attempts).Code);
        Assert.Equal(TimeSpan.FromSeconds(2), failure.Elapsed);
    }

    [Theory]
    [InlineData("", "127.0.0.1")]
    [InlineData("# nameserver 192.0.2.9\n; x\nsearch a b\n", "127.0.0.1")]
    [InlineData("nameserver 192.0.2.1\r\nnameserver\t2001:db8::1 # second\n", "192.0.2.1 2001:db8::1")]
    [InlineData("  nameserver fe80::1%2\nnameservers 192.0.2.1\nnameserver\nnameserver 127.1\nnameserver name.test", "fe80::1%2")]
    [InlineData("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4", "192.0.2.1 192.0.2.2 192.0.2.3")]
    public void Servers_are_read_from_resolv_conf(string text, string servers) =>
        Assert.Equal(servers, string.Join(' ', ResolvConf.ReadServers(text)));
}
