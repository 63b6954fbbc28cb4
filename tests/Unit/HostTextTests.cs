using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit;

public class HostTextTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("EXAMPLE.com.", "example.com")]
    [InlineData("_dmarc.a-b.example", "_dmarc.a-b.example")]
    [InlineData("localhost", "localhost")]
    [InlineData("Bücher.Example", "xn--bcher-kva.example")]
    [InlineData("0x7f.1", "127.0.0.1")]
    [InlineData("[FE80::1%eth0]", "fe80::1%eth0")]
    [InlineData("[FE80::1%25eth0]", "fe80::1%eth0")]
    [InlineData("fe80::1%257", "fe80::1%257")]
    [InlineData("ＥＸＡＭＰＬＥ．com", "example.com")]
    [InlineData("１２７.0.0.1", "127.0.0.1")]
    [InlineData("１２７。０．０｡１", "127.0.0.1")]
    [InlineData("faß.example", "xn--fa-hia.example")]
    [InlineData("xn--bcher-kva.日本語", "xn--bcher-kva.xn--wgv71a119e")]
    [InlineData("_dmarc.bücher.example", "_dmarc.xn--bcher-kva.example")]
    [InlineData("3com.example", "3com.example")]
    [InlineData("0xg", "0xg")]
    public void A_host_has_one_canonical_spelling(string host, string expected)
    {
        Assert.Null(HostText.Parse(host).Problem);
        Assert.Equal(expected, HostText.Parse(host).Canonical());
        Assert.Equal(expected, HostText.Parse(expected).Canonical());
    }

    [Theory]
    [InlineData("\u200Bexample.com", "U+200B")]
    [InlineData("exa\u00ADmple.com", "U+00AD")]
    [InlineData("example\u2028.com", "U+2028")]
    [InlineData("a\uD800b", "U+FFFD")]
    [InlineData("ü..example", "empty label")]
    [InlineData("127.0.0.\U0001D7CF", "U+1D7CF")]
    [InlineData("\u2460.example", "U+2460")]
    [InlineData("a\u2215b.example", "U+2215")]
    [InlineData("a\u2044b.example", "U+2044")]
    [InlineData("a\uFF0Fb.example", "'/'")]
    [InlineData("a\uFF20b.example", "'@'")]
    [InlineData("a\u200Db.example", "U+200D")]
    [InlineData("a\u202Eb.example", "U+202E")]
    [InlineData("a\u3000b.example", "U+3000")]
    [InlineData("a；b.example", "';'")]
    [InlineData("$(id).example", "'$'")]
    [InlineData("a\u001b[2J.example", "U+001B")]
    [InlineData("a\u007Fb", "U+007F")]
    public void A_host_with_a_strange_character_is_refused_with_its_name(string host, string named)
    {
        Assert.Contains(named, HostText.Parse(host).Problem);
        Assert.Throws<FormatException>(() => HostText.Parse(host).Canonical());
    }

    [Fact]
    public void Lengths_are_limited_as_in_the_DNS()
    {
        var label = new string('a', 63);
        var longest = $"{label}.{label}.{label}.{new string('a', 61)}";
        Assert.Null(HostText.Parse(longest).Problem);
        Assert.Null(HostText.Parse(longest + ".").Problem);
        Assert.NotNull(HostText.Parse(longest + "a").Problem);
        Assert.NotNull(HostText.Parse(label + "a.example").Problem);
        Assert.NotNull(HostText.Parse(new string('ü', 1_000_000)).Problem);
    }

    [Theory]
    [InlineData("127.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.0.0.01")]
    [InlineData("127.0.0.1.")]
    [InlineData("１２７.0.0.1")]
    public void An_odd_spelling_is_an_address_that_only_a_strict_reader_refuses(string host)
    {
        Assert.Equal("127.0.0.1", HostText.Parse(host).Canonical());
        Assert.Equal("is the address 127.0.0.1 in an unusual spelling", HostText.ParseStrict(host).Problem);
        Assert.Equal("127.0.0.1", HostText.ParseStrict("127.0.0.1").Canonical());
    }

    [Fact]
    public void No_text_makes_the_check_throw_and_a_good_host_stays_itself()
    {
        Gen.Frequency((2, Gen.String), (1, Gen.String[Gen.Char["ab01xX.:[]%-_ü。\\@/"], 0, 20])).Sample(host =>
        {
            if (HostText.Parse(host).Problem is not null)
                return !HostText.Parse(host).IsAddress;
            var canonical = HostText.Parse(host).Canonical();
            return HostText.Parse(canonical).Canonical() == canonical;
        }, iter: 20_000);
    }
}
