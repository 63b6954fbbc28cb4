using System.Net;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>RFC 1928 and RFC 1929, byte for byte.</summary>
public class ProxySocks5CodecTests
{
    [Fact]
    public void Greeting_offers_credentials_only_where_there_are_some()
    {
        Assert.Equal([5, 1, 0], Socks5.Greeting(withCredentials: false));
        Assert.Equal([5, 2, 0, 2], Socks5.Greeting(withCredentials: true));
    }

    [Fact]
    public void Credentials_are_version_length_user_length_password()
    {
        Assert.Equal([1, 2, (byte)'m', (byte)'e', 3, (byte)'p', (byte)'w', (byte)'d'], Socks5.Credentials("me", "pwd"));
        Assert.Equal([1, 2, 0xC3, 0xBC, 0], Socks5.Credentials("ü", ""));
        Assert.Equal(3 + 255 + 255, Socks5.Credentials(new string('u', 255), new string('p', 255)).Length);
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("u\0", "x")]
    [InlineData("u\r\n", "x")]
    [InlineData("u", "x\n")]
    [InlineData("u", "x\0")]
    public void Credentials_that_cannot_be_sent_are_rejected_without_being_shown(string user, string password)
    {
        var error = Assert.Throws<ArgumentException>(() => Socks5.Credentials(user, password));
        Assert.DoesNotContain("x", error.Message.Replace("(Parameter", ""), StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_longer_than_one_octet_can_count_are_rejected()
    {
        Assert.Throws<ArgumentException>(() => Socks5.Credentials(new string('u', 256), "p"));
        Assert.Throws<ArgumentException>(() => Socks5.Credentials("u", new string('ü', 128)));
    }

    [Fact]
    public void Connect_carries_a_name_an_IPv4_or_an_IPv6_address()
    {
        Assert.Equal([5, 1, 0, 3, 4, (byte)'a', (byte)'.', (byte)'e', (byte)'x', 0x01, 0xBB], Socks5.Connect("a.ex", 443));
        Assert.Equal([5, 1, 0, 1, 192, 0, 2, 7, 0x00, 0x50], Socks5.Connect(IPAddress.Parse("192.0.2.7"), 80));
        Assert.Equal([5, 1, 0, 4, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF],
            Socks5.Connect(IPAddress.Parse("2001:db8::1"), 65535));
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 62), 4)) + ".";
        Assert.Equal(5 + 251 + 2, Socks5.Connect(longest, 1).Length);
        Assert.Equal(Socks5.Connect("xn--bcher-kva.example", 80), Socks5.Connect("BÜCHER.example.", 80));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\r\nb")]
    [InlineData("a\0b")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a@b")]
    [InlineData("a:80")]
    [InlineData("127.1")]
    [InlineData("127.0.0.1")]
    [InlineData("a..b")]
    public void A_host_that_is_no_name_is_rejected(string host) => Assert.Throws<ArgumentException>(() => Socks5.Connect(host, 80));

    [Fact]
    public void A_host_longer_than_255_and_a_port_outside_16_bits_are_rejected()
    {
        Assert.Throws<ArgumentException>(() => Socks5.Connect(new string('a', 256), 80));
        Assert.Throws<ArgumentOutOfRangeException>(() => Socks5.Connect("a", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Socks5.Connect("a", 65536));
    }

    [Fact]
    public void Method_selection_is_read_and_an_unoffered_method_rejected()
    {
        Assert.Equal(Socks5.NoAuthentication, Socks5.ReadMethod([5, 0], withCredentials: false));
        Assert.Equal(Socks5.UsernamePassword, Socks5.ReadMethod([5, 2], withCredentials: true));
        Assert.Equal(Socks5.NoAcceptableMethod, Socks5.ReadMethod([5, 0xFF], withCredentials: false));
        Assert.Throws<FormatException>(() => Socks5.ReadMethod([5, 2], withCredentials: false));
        Assert.Throws<FormatException>(() => Socks5.ReadMethod([5, 1], withCredentials: true));
        Assert.Throws<FormatException>(() => Socks5.ReadMethod([4, 0], withCredentials: true));
        Assert.Throws<FormatException>(() => Socks5.ReadMethod([5], withCredentials: true));
        Assert.Throws<FormatException>(() => Socks5.ReadMethod([5, 0, 0], withCredentials: true));
    }

    [Fact]
    public void Only_status_zero_accepts_credentials()
    {
        Assert.True(Socks5.ReadCredentialsReply([1, 0]));
        Assert.False(Socks5.ReadCredentialsReply([1, 1]));
        Assert.False(Socks5.ReadCredentialsReply([1, 0xFF]));
        Assert.Throws<FormatException>(() => Socks5.ReadCredentialsReply([5, 0]));
    }

    [Fact]
    public void Replies_of_every_address_type_are_read()
    {
        Assert.Equal(new Endpoint("192.0.2.1", 4660), Socks5.ReadReply([5, 0, 0, 1, 192, 0, 2, 1, 0x12, 0x34]).Bound);
        Assert.Equal(new Endpoint("::1", 1), Socks5.ReadReply([5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]).Bound);
        Assert.Equal(new Endpoint("ab", 2), Socks5.ReadReply([5, 0, 0, 3, 2, (byte)'a', (byte)'b', 0, 2]).Bound);
        Assert.Equal("\\u001b", Socks5.ReadReply([5, 0, 0, 3, 1, 0x1b, 0, 2]).Bound!.Host);
    }

    [Theory]
    [InlineData(new byte[] { }, 2)]
    [InlineData(new byte[] { 5 }, 1)]
    [InlineData(new byte[] { 5, 1 }, 0)]
    [InlineData(new byte[] { 5, 0 }, 2)]
    [InlineData(new byte[] { 5, 0, 0, 1 }, 6)]
    [InlineData(new byte[] { 5, 0, 0, 4 }, 18)]
    [InlineData(new byte[] { 5, 0, 0, 3 }, 1)]
    [InlineData(new byte[] { 5, 0, 0, 3, 0 }, 2)]
    [InlineData(new byte[] { 5, 0, 0, 3, 255 }, 257)]
    public void Missing_never_asks_for_more_than_the_reply_has(byte[] received, int missing) =>
        Assert.Equal(missing, Socks5.MissingFromReply(received));

    [Fact]
    public void An_unknown_address_type_or_a_reply_too_long_is_malformed()
    {
        Assert.Throws<FormatException>(() => Socks5.ReadReply([5, 0, 0, 2, 1, 2, 3, 4, 5, 6]));
        Assert.Throws<FormatException>(() => Socks5.ReadReply([5, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7]));
        Assert.Throws<FormatException>(() => Socks5.ReadReply([5, 0, 0, 1, 1, 2, 3, 4, 5]));
    }

    [Theory]
    [InlineData(1, "general SOCKS server failure")]
    [InlineData(2, "connection not allowed by ruleset")]
    [InlineData(3, "network unreachable")]
    [InlineData(4, "host unreachable")]
    [InlineData(5, "connection refused")]
    [InlineData(6, "TTL expired")]
    [InlineData(7, "command not supported")]
    [InlineData(8, "address type not supported")]
    [InlineData(9, "unassigned reply code 0x09")]
    public void Every_reply_code_has_its_name(byte code, string name) => Assert.Equal(name, Socks5.Describe(Socks5.ReadReply([5, code]).Code));
}
