using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class ProxyNoProxyTests
{
    [Theory]
    [InlineData("example.com", "example.com", 80, true)]
    [InlineData("example.com", "EXAMPLE.com", 80, true)]
    [InlineData("Example.COM", "example.com.", 80, true)]
    [InlineData("example.com.", "example.com", 80, true)]
    [InlineData("example.com", "www.example.com", 80, true)]
    [InlineData("example.com", "a.b.example.com", 443, true)]
    [InlineData("example.com", "badexample.com", 80, false)]
    [InlineData("example.com", "example.com.evil.test", 80, false)]
    [InlineData("example.com", "com", 80, false)]
    [InlineData(".example.com", "example.com", 80, true)]
    [InlineData(".example.com", "www.example.com", 80, true)]
    [InlineData("*.example.com", "example.com", 80, true)]
    [InlineData("*.example.com", "www.example.com", 80, true)]
    [InlineData("*.example.com", "notexample.com", 80, false)]
    [InlineData("localhost", "localhost", 80, true)]
    [InlineData("example.com:8080", "www.example.com", 8080, true)]
    [InlineData("example.com:8080", "www.example.com", 80, false)]
    [InlineData(" example.com ", "example.com", 80, true)]
    [InlineData("bücher.example", "xn--bcher-kva.example", 80, true)]
    [InlineData("xn--bcher-kva.example", "BÜCHER.example", 80, true)]
    [InlineData("*", "anything", 1, true)]
    [InlineData("*", "::1", 1, true)]
    [InlineData("*:80", "anything", 80, true)]
    [InlineData("*:80", "anything", 81, false)]
    [InlineData("192.0.2.1", "192.0.2.1", 80, true)]
    [InlineData("192.0.2.1", "192.0.2.10", 80, false)]
    [InlineData("192.0.2.1", "x.192.0.2.1", 80, false)]
    [InlineData("192.0.2.1:81", "192.0.2.1", 81, true)]
    [InlineData("192.0.2.1:81", "192.0.2.1", 80, false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", 80, true)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", 80, true)]
    [InlineData("10.0.0.0/8", "10.255.1.2", 80, true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", 80, false)]
    [InlineData("10.9.9.9/8", "10.1.1.1", 80, true)]
    [InlineData("192.168.0.0/23", "192.168.1.255", 80, true)]
    [InlineData("192.168.0.0/23", "192.168.2.0", 80, false)]
    [InlineData("0.0.0.0/0", "203.0.113.1", 80, true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", 80, false)]
    [InlineData("0.0.0.0/0", "example.com", 80, false)]
    [InlineData("192.0.2.1/32", "192.0.2.1", 80, true)]
    [InlineData("10.0.0.0/8:443", "10.1.1.1", 443, true)]
    [InlineData("10.0.0.0/8:443", "10.1.1.1", 80, false)]
    [InlineData("::ffff:10.0.0.0/104", "10.7.7.7", 80, true)]
    [InlineData("::1", "::1", 80, true)]
    [InlineData("::1", "[::1]", 80, true)]
    [InlineData("[::1]", "0:0:0:0:0:0:0:1", 80, true)]
    [InlineData("[::1]:443", "::1", 443, true)]
    [InlineData("[::1]:443", "::1", 80, false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", 80, true)]
    [InlineData("2001:db8::/32", "2001:db9::1", 80, false)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", 80, false)]
    [InlineData("2001:db8::/32:443", "2001:db8::1", 443, true)]
    [InlineData("[2001:db8::]/32:443", "2001:db8::1", 443, true)]
    [InlineData("[2001:db8::/32]:443", "2001:db8::1", 443, true)]
    [InlineData("[2001:db8::/32]:443", "2001:db8::1", 80, false)]
    [InlineData("::/0", "2001:db8::1", 80, true)]
    [InlineData("::/0", "192.0.2.1", 80, false)]
    [InlineData("fe80::/10", "fe80::1%3", 80, true)]
    [InlineData("127.0.0.1", "0x7f.1", 80, true)]
    [InlineData("127.0.0.0/8", "127.1", 80, true)]
    public void Entry_covers_what_it_says(string entry, string host, int port, bool bypasses) =>
        Assert.Equal(bypasses, NoProxy.Parse([entry]).Bypasses(host, port));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("*.")]
    [InlineData("**")]
    [InlineData("a*.example")]
    [InlineData("192.168.*")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("256.0.0.1")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("169.254/16")]
    [InlineData("::/129")]
    [InlineData("::ffff:10.0.0.0/8")]
    [InlineData("example.com/8")]
    [InlineData("*/8")]
    [InlineData("example.com:")]
    [InlineData("example.com:0")]
    [InlineData("example.com:65536")]
    [InlineData("example.com:http")]
    [InlineData("a:1:2")]
    [InlineData("[::1")]
    [InlineData("[::1]x")]
    [InlineData("[::1]:")]
    [InlineData("[example.com]")]
    [InlineData("[192.0.2.1]:80")]
    [InlineData("fe80::1%eth0")]
    [InlineData("fe80::1%1")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("http://a")]
    [InlineData("<local>")]
    [InlineData("a\r\nb")]
    public void A_malformed_entry_is_rejected_and_named(string entry)
    {
        var error = Assert.Throws<FormatException>(() => NoProxy.Parse(["ok.example", entry]));
        if (!entry.Contains('\r'))
            Assert.Contains($"'{entry}'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_empty_list_bypasses_nothing_and_any_entry_suffices()
    {
        Assert.False(NoProxy.Parse([]).Bypasses("localhost", 80));
        var list = NoProxy.Parse(["a.example", "10.0.0.0/8", "b.example:81"]);
        Assert.True(list.Bypasses("x.a.example", 1));
        Assert.True(list.Bypasses("10.0.0.1", 1));
        Assert.True(list.Bypasses("b.example", 81));
        Assert.False(list.Bypasses("b.example", 80));
    }
}
