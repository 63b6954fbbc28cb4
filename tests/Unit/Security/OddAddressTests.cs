using System.Net;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Tests.Unit.Security;

public class OddAddressTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1.")]
    [InlineData("127.1")]
    [InlineData("127.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0X7F000001")]
    [InlineData("0x7f.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("017700000001")]
    [InlineData("00000177.0x0.0.01")]
    [InlineData("１２７.0.0.1")]
    [InlineData("127。0。0。1")]
    [InlineData("127．0｡0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("0:0:0:0:0:ffff:7f00:0001")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:0:127.0.0.1")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::127.0.0.1")]
    [InlineData("64:ff9b:1:7f00:0:100::")]
    [InlineData("64:ff9b:1:7f:0:1::")]
    [InlineData("64:ff9b:1:0:7f:0:100:0")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2002:7f00:0001::1")]
    [InlineData("2001:0:53aa:64c:0:0:80ff:fffe")]
    [InlineData("2001:0:7f00:1::1")]
    [InlineData("2606:4700::5efe:127.0.0.1")]
    [InlineData("2606:4700::200:5efe:127.0.0.1")]
    public void Every_spelling_of_loopback_is_denied_by_preset_and_by_rule(string host)
    {
        Assert.False(EgressPolicy.PublicInternetOnly.CheckTarget("http", host, 80).IsAllowed);
        var rule = EgressPolicy.Unrestricted.Denying("127.0.0.0/8").CheckTarget("http", host, 80).Rule;
        Assert.StartsWith("deny 127.0.0.0/8 (loopback, RFC 1122)", rule);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0")]
    [InlineData("0x0")]
    [InlineData("::")]
    [InlineData("[::]")]
    [InlineData("::1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("0xa9fea9fe")]
    [InlineData("2852039166")]
    [InlineData("0251.0376.0251.0376")]
    [InlineData("[::ffff:a9fe:a9fe]")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[fe80::1%25eth0]")]
    [InlineData("fd00:ec2::254")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("255.255.255.255")]
    [InlineData("4294967295")]
    [InlineData("4000::1")]
    public void Odd_addresses_which_are_not_public_are_denied(string host) =>
        Assert.False(EgressPolicy.PublicInternetOnly.CheckTarget("http", host, 80).IsAllowed);

    [Theory]
    [InlineData("256.0.0.1")]
    [InlineData("127.0.0.256")]
    [InlineData("1.2.3.4.5")]
    [InlineData("4294967296")]
    [InlineData("0x100000000")]
    [InlineData("08.0.0.1")]
    [InlineData("127.0.0.0x")]
    [InlineData("1.2.3.4e.5")]
    [InlineData("99999999999999999999999999")]
    [InlineData("example.com.1")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("[::1]:80")]
    [InlineData("[[::1]]")]
    [InlineData("::1/128")]
    [InlineData("::1%")]
    [InlineData("::1%a b")]
    [InlineData("127.0.0.1%eth0")]
    [InlineData("127.0.0.1:80")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    public void What_only_looks_like_an_address_is_no_host(string host)
    {
        Assert.NotNull(HostText.Parse(host).Problem);
        Assert.False(HostText.Parse(host).IsAddress);
        Assert.StartsWith("invalid host", EgressPolicy.PublicInternetOnly.CheckTarget("http", host, 80).Rule);
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("0x08080808")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2606:4700:4700::1111")]
    public void Public_addresses_are_allowed(string host)
    {
        Assert.Equal(PolicyDecision.Allowed, EgressPolicy.PublicInternetOnly.CheckTarget("http", host, 80));
        var address = HostText.Parse(host).ToAddress();
        Assert.Equal(PolicyDecision.Allowed, EgressPolicy.PublicInternetOnly.CheckAddress("example.com", address, 80));
    }

    [Theory]
    [InlineData("2002:a00:1::1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b:1::10.0.0.1")]
    public void A_range_that_is_allowed_does_not_smuggle_in_a_private_address(string address)
    {
        var policy = EgressPolicy.PublicInternetOnly.Allowing("2000::/3", "64:ff9b::/32");
        Assert.Contains("10.0.0.0/8 is private use (RFC 1918), inside the", policy.CheckTarget(null, address, 1).Rule);
        Assert.True(policy.CheckTarget(null, "64:ff9b:1::8.8.8.8", 1).IsAllowed);
        Assert.True(policy.Allowing("10.0.0.0/8").CheckTarget(null, address, 1).IsAllowed);
    }

    [Fact]
    public void Loopback_and_link_local_can_be_allowed()
    {
        var policy = EgressPolicy.PublicInternetOnly.Allowing("127.0.0.0/8", "[::1]:8080", "fe80::/10");
        Assert.True(policy.CheckTarget("http", "127.0.0.1", 80).IsAllowed);
        Assert.True(policy.CheckTarget("http", "::ffff:127.0.0.1", 80).IsAllowed);
        Assert.True(policy.CheckTarget("http", "[::1]", 8080).IsAllowed);
        Assert.False(policy.CheckTarget("http", "[::1]", 80).IsAllowed);
        var withZone = IPAddress.Parse("fe80::1");
        withZone.ScopeId = 3;
        Assert.True(policy.CheckAddress("printer.local", withZone, 80).IsAllowed);
        Assert.False(EgressPolicy.PublicInternetOnly.CheckAddress("printer.local", withZone, 80).IsAllowed);
    }
}
