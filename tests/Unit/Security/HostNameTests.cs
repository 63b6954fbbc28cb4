using Codomyrmex.Networking.Security;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Security;

public class HostNameTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("EXAMPLE.com.", "example.com")]
    [InlineData("_dmarc.a-b.example", "_dmarc.a-b.example")]
    [InlineData("localhost", "localhost")]
    [InlineData("Bücher.Example", "xn--bcher-kva.example")]
    [InlineData("0x7f.1", "127.0.0.1")]
    [InlineData("[FE80::1%eth0]", "fe80::1")]
    [InlineData("3com.example", "3com.example")]
    [InlineData("0xg", "0xg")]
    public void A_host_has_one_canonical_spelling(string host, string expected)
    {
        Assert.Null(HostName.Problem(host));
        Assert.Equal(expected, HostName.Canonical(host));
        Assert.Equal(expected, HostName.Canonical(expected));
    }

    [Theory]
    [InlineData("\u200Bexample.com", "U+200B")]
    [InlineData("exa\u00ADmple.com", "U+00AD")]
    [InlineData("example\u2028.com", "U+2028")]
    [InlineData("a\uD800b", "U+FFFD")]
    [InlineData("ü..example", "international")]
    [InlineData("a；b.example", "';'")]
    [InlineData("$(id).example", "'$'")]
    [InlineData("a\u001b[2J.example", "U+001B")]
    [InlineData("a\u007Fb", "U+007F")]
    public void A_host_with_a_strange_character_is_refused_with_its_name(string host, string named)
    {
        Assert.Contains(named, HostName.Problem(host));
        Assert.Throws<FormatException>(() => HostName.Canonical(host));
    }

    [Fact]
    public void Lengths_are_limited_as_in_the_DNS()
    {
        var label = new string('a', 63);
        var longest = $"{label}.{label}.{label}.{new string('a', 61)}";
        Assert.Null(HostName.Problem(longest));
        Assert.Null(HostName.Problem(longest + "."));
        Assert.NotNull(HostName.Problem(longest + "a"));
        Assert.NotNull(HostName.Problem(label + "a.example"));
        Assert.NotNull(HostName.Problem(new string('ü', 1_000_000)));
    }

    [Fact]
    public void No_text_makes_the_check_throw_and_a_good_host_stays_itself()
    {
        Gen.Frequency((2, Gen.String), (1, Gen.String[Gen.Char["ab01xX.:[]%-_ü。\\@/"], 0, 20])).Sample(host =>
        {
            if (HostName.Problem(host) is not null)
                return !HostName.TryGetAddress(host, out _);
            var canonical = HostName.Canonical(host);
            return HostName.Canonical(canonical) == canonical;
        }, iter: 20_000);
    }
}
