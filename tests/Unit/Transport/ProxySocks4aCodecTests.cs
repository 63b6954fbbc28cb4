using System.Net;
using System.Text;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class ProxySocks4aCodecTests
{
    [Fact]
    public void Connect_by_name_marks_the_address_and_puts_the_name_after_the_user()
    {
        Assert.Equal([4, 1, 0x00, 0x50, 0, 0, 0, 1, .. "Fred\0example.com\0"u8], Socks4a.Connect("example.com", 80, "Fred"));
        Assert.Equal([4, 1, 0x01, 0xBB, 0, 0, 0, 1, .. "\0a\0"u8], Socks4a.Connect("a", 443, null));
    }

    [Fact]
    public void Connect_by_address_is_plain_SOCKS4() =>
        Assert.Equal([4, 1, 0x00, 0x50, 66, 102, 7, 99, .. "Fred\0"u8], Socks4a.Connect(IPAddress.Parse("66.102.7.99"), 80, "Fred"));

    [Fact]
    public void What_SOCKS4_cannot_carry_is_rejected()
    {
        Assert.Throws<ArgumentException>(() => Socks4a.Connect(IPAddress.IPv6Loopback, 80, null));
        Assert.Throws<ArgumentException>(() => Socks4a.Connect(IPAddress.Parse("0.0.0.9"), 80, null));
        Assert.Throws<ArgumentException>(() => Socks4a.Connect(IPAddress.Any, 80, null));
        Assert.Throws<ArgumentException>(() => Socks4a.Connect("a", 80, "u\0victim.example"));
        Assert.Throws<ArgumentException>(() => Socks4a.Connect("a\0b", 80, null));
        Assert.Throws<ArgumentException>(() => Socks4a.Connect("a", 80, new string('u', 256)));
        Assert.Throws<ArgumentException>(() => Socks4a.Connect(new string('a', 256), 80, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => Socks4a.Connect("a", 65536, null));
    }

    [Theory]
    [InlineData(90, "request granted")]
    [InlineData(91, "request rejected or failed")]
    [InlineData(92, "the proxy cannot reach this machine's identd")]
    [InlineData(93, "the user differs from the one that identd reports")]
    public void Every_reply_code_has_its_name(byte code, string name) =>
        Assert.Equal(name, Socks4a.Describe(Socks4a.ReadReply([0, code, 0, 0, 0, 0, 0, 0])));

    [Fact]
    public void A_reply_of_another_version_code_or_length_is_malformed()
    {
        Assert.Throws<FormatException>(() => Socks4a.ReadReply([4, 90, 0, 0, 0, 0, 0, 0]));
        Assert.Throws<FormatException>(() => Socks4a.ReadReply([0, 89, 0, 0, 0, 0, 0, 0]));
        Assert.Throws<FormatException>(() => Socks4a.ReadReply([0, 94, 0, 0, 0, 0, 0, 0]));
        Assert.Throws<FormatException>(() => Socks4a.ReadReply([0, 90, 0, 0, 0, 0, 0]));
        Assert.Throws<FormatException>(() => Socks4a.ReadReply([0, 90, 0, 0, 0, 0, 0, 0, 0]));
        Assert.Throws<FormatException>(() => Socks4a.MissingFromReply(Encoding.ASCII.GetBytes("HTTP")));
    }
}
