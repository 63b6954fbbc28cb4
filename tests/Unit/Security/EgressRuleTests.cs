using Codomyrmex.Networking.Security;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Security;

public class EgressRuleTests
{
    [Theory]
    [InlineData("Example.COM.", "example.com")]
    [InlineData("*.example.com", "*.example.com")]
    [InlineData(".example.com:443", ".example.com:443")]
    [InlineData("*:22", "*:22")]
    [InlineData("10.0.0.0/8:443,80", "10.0.0.0/8:80,443")]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("192.0.2.7:1-65535", "192.0.2.7/32:1-65535")]
    [InlineData("a:80,81,82-90,85", "a:80-90")]
    [InlineData("[2001:db8::]/32:8000-8100", "[2001:db8::]/32:8000-8100")]
    [InlineData("2001:db8::/32", "[2001:db8::]/32")]
    [InlineData("2001:DB8::/32:80", "[2001:db8::]/32:80")]
    [InlineData("::1", "[::1]/128")]
    [InlineData("[::1]:8080", "[::1]/128:8080")]
    [InlineData("::/0", "[::]/0")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("HTTPS://api.example.com", "https://api.example.com")]
    [InlineData("https://[::1]:8443", "https://[::1]/128:8443")]
    [InlineData("wss://*", "wss://*")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    public void A_rule_prints_in_one_spelling(string text, string printed)
    {
        var rule = EgressRule.Parse(text);
        Assert.Equal(printed, rule.ToString());
        Assert.Equal(rule, EgressRule.Parse(printed));
        Assert.Equal(rule.GetHashCode(), EgressRule.Parse(printed).GetHashCode());
    }

    [Fact]
    public void The_parts_of_a_rule_are_readable()
    {
        var rule = EgressRule.Parse("https://10.0.0.0/8:443,80");
        Assert.Equal(("https", null, "10.0.0.0/8", "80,443"), (rule.Scheme, rule.Host, rule.Network.ToString(), rule.Ports));
        var name = EgressRule.Parse("*.Example.com");
        Assert.Equal((null, "*.example.com", null, null), (name.Scheme, name.Host, name.Network, name.Ports));
    }

    [Theory]
    [InlineData("", "the host is missing")]
    [InlineData("https://", "the host is missing")]
    [InlineData("1http://a", "'1http' is not a scheme")]
    [InlineData("a:0", "'0' is not a port")]
    [InlineData("a:65536", "'65536' is not a port")]
    [InlineData("a:99999999999999999999", "'99999999999999999999' is not a port")]
    [InlineData("a:", "'' is not a port")]
    [InlineData("a:80,", "'' is not a port")]
    [InlineData("a:-80", "'-80' is not a port")]
    [InlineData("a:+80", "'+80' is not a port")]
    [InlineData("a: 80", "' 80' is not a port")]
    [InlineData("a:90-80", "'90-80' ends before it starts")]
    [InlineData("a:1-2-3", "'1-2-3' is not a port")]
    [InlineData("10.0.0.0/33", "'/33' is not a prefix length from 0 to 32")]
    [InlineData("2001:db8::/129", "'/129' is not a prefix length from 0 to 128")]
    [InlineData("10.0.0.0/-1", "'/-1' is not a prefix length")]
    [InlineData("10.0.0.0/08", "'/08' is not a prefix length")]
    [InlineData("10.0.0.0/", "'/' is not a prefix length")]
    [InlineData("10.0.0.0/4294967304", "'/4294967304' is not a prefix length")]
    [InlineData("10.1.2.3/8", "the range is 10.0.0.0/8")]
    [InlineData("10/8", "'10' is not an IP address")]
    [InlineData("127.1", "the address 127.0.0.1 in an unusual spelling")]
    [InlineData("0177.0.0.1", "the address 127.0.0.1 in an unusual spelling")]
    [InlineData("010.0.0.0/8", "'010.0.0.0' is not an IP address")]
    [InlineData("256.1.1.1", "ends in a number")]
    [InlineData("example.com/24", "'example.com' is not an IP address; names take no prefix length or path")]
    [InlineData("https://example.com/", "names take no prefix length or path")]
    [InlineData("a*.example", "contains '*'")]
    [InlineData("*.*.example", "contains '*'")]
    [InlineData("*.", "is empty")]
    [InlineData("*.10.0.0.1", "is an address, which has no names below it")]
    [InlineData("a..b", "empty label")]
    [InlineData("user@host", "contains '@'")]
    [InlineData("[::1", "'' is not an IP address")]
    [InlineData("[::1]x", "'x' after the address")]
    [InlineData("[::1%eth0]", "addresses no zone")]
    [InlineData("fe80::1%1/64", "addresses no zone")]
    [InlineData("::1:80:", "is not an IP address")]
    public void A_malformed_rule_is_refused_and_its_bad_part_named(string text, string named)
    {
        Assert.Contains(named, Assert.Throws<FormatException>(() => EgressRule.Parse(text)).Message);
        Assert.False(EgressRule.TryParse(text, out _));
    }

    [Fact]
    public void Control_characters_do_not_reach_the_message() =>
        Assert.DoesNotContain('\u001b', Assert.Throws<FormatException>(() => EgressRule.Parse("a\u001b[2J:1\u001b")).Message);

    private static readonly Gen<string> Ports = Gen.Select(Gen.Int[1, 65535], Gen.Int[0, 200])
        .Select((first, more) => more == 0 ? $"{first}" : $"{first}-{Math.Min(65535, first + more)}")
        .List[1, 5].Select(static p => string.Join(',', p));

    private static readonly Gen<string> Target = Gen.OneOf(
        Gen.OneOf("*", "a.example", "*.b.example", ".c.example", "xn--bcher-kva.example", "d"),
        Gen.Select(Gen.UInt, Gen.Int[0, 32]).Select(static (bits, length) => new Cidr(IPBits.IPv4(bits), length).ToString()),
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 128])
            .Select(static (high, low, length) => new Cidr(new IPBits(new UInt128(high, low), false), length).ToString()));

    [Fact]
    public void Printing_and_parsing_a_rule_gives_the_same_rule()
    {
        Gen.Select(Gen.OneOf("", "https://", "a+b.c-1://"), Target, Ports, Gen.Bool).Sample((scheme, target, ports, withPorts) =>
        {
            var rule = EgressRule.Parse(scheme + target + (withPorts ? ":" + ports : ""));
            var again = EgressRule.Parse(rule.ToString());
            return rule.Equals(again) && rule.ToString() == again.ToString() && rule.Network == again.Network && rule.Ports == again.Ports;
        }, iter: 5_000);
    }

    [Fact]
    public void Random_text_is_read_or_refused_but_never_crashes()
    {
        Gen.Frequency((1, Gen.String), (3, Gen.String[Gen.Char["a1029.:/[]%*-,f ü"], 0, 30])).Sample(text =>
        {
            try
            {
                return EgressRule.Parse(text).Equals(EgressRule.Parse(EgressRule.Parse(text).ToString()));
            }
            catch (FormatException)
            {
                return !EgressRule.TryParse(text, out _);
            }
        }, iter: 50_000);
    }
}
