using System.Net;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Tests.Unit.Security;

public class EgressPolicyTests
{
    private static readonly IPAddress Public = IPAddress.Parse("93.184.216.34");
    private static readonly IPAddress Private = IPAddress.Parse("10.0.0.5");

    private static EgressPolicy PublicOnly => EgressPolicy.PublicInternetOnly;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("a\\b")]
    [InlineData("")]
    public void Unrestricted_allows_everything_unchecked(string host)
    {
        Assert.Equal(PolicyDecision.Allowed, EgressPolicy.Unrestricted.CheckTarget("gopher", host, 0));
        Assert.Equal(PolicyDecision.Allowed, EgressPolicy.Unrestricted.CheckAddress(host, IPAddress.Loopback, 0));
    }

    [Fact]
    public void Redirect_to_private_address_is_denied()
    {
        Assert.True(PublicOnly.CheckTarget("https", "example.com", 443).IsAllowed);
        Assert.True(PublicOnly.CheckAddress("example.com", Public, 443).IsAllowed);
        Assert.Equal("public internet only: 10.0.0.0/8 is private use (RFC 1918)", PublicOnly.CheckTarget("http", "10.0.0.5", 80).Rule);
        Assert.Equal("public internet only: 169.254.169.254/32 is cloud metadata",
            PublicOnly.CheckTarget("http", "169.254.169.254", 80).Rule);
    }

    [Fact]
    public void A_public_name_that_resolves_to_a_private_address_is_denied()
    {
        Assert.Equal(new PolicyDecision(false, "public internet only: 127.0.0.0/8 is loopback (RFC 1122)"),
            PublicOnly.CheckAddress("rebind.example", IPAddress.Loopback, 80));
    }

    [Fact]
    public void Nothing_allows_only_what_rules_name()
    {
        var policy = EgressPolicy.Nothing.Allowing("api.example.com:443");
        Assert.Equal("nothing is allowed but the rules", policy.CheckTarget("https", "example.com", 443).Rule);
        Assert.Equal("nothing is allowed but the rules", policy.CheckTarget("https", "api.example.com", 80).Rule);
        Assert.Equal(new PolicyDecision(true, "allow api.example.com:443"), policy.CheckTarget("https", "API.example.com.", 443));
        Assert.True(policy.CheckAddress("api.example.com", Private, 443).IsAllowed);
        Assert.False(policy.CheckAddress("other.example.com", Public, 443).IsAllowed);
        Assert.False(EgressPolicy.Nothing.CheckTarget(null, "example.com", 1).IsAllowed);
        Assert.False(EgressPolicy.Nothing.CheckAddress("example.com", Public, 1).IsAllowed);
    }

    [Fact]
    public void Nothing_lets_a_name_resolve_into_an_allowed_range_and_nowhere_else()
    {
        var policy = EgressPolicy.Nothing.Allowing("10.0.0.0/8:5432");
        Assert.True(policy.CheckTarget(null, "db.internal", 5432).IsAllowed);
        Assert.True(policy.CheckAddress("db.internal", Private, 5432).IsAllowed);
        Assert.False(policy.CheckAddress("db.internal", Public, 5432).IsAllowed);
        Assert.False(policy.CheckTarget(null, "db.internal", 22).IsAllowed);
    }

    [Fact]
    public void An_explicit_denial_beats_an_explicit_permission_which_beats_the_preset()
    {
        var policy = PublicOnly.Allowing("10.0.0.0/8", "intranet.example").Denying("10.0.0.5", "bad.example");
        Assert.Equal("deny 10.0.0.5/32 (private use, RFC 1918)", policy.CheckAddress("x.example", Private, 80).Rule);
        Assert.Equal("deny 10.0.0.5/32 (private use, RFC 1918)", policy.CheckAddress("intranet.example", Private, 80).Rule);
        Assert.Equal("deny bad.example", policy.CheckTarget("http", "bad.example", 80).Rule);
        Assert.Equal("deny bad.example", policy.CheckAddress("bad.example", Public, 80).Rule);
        Assert.Equal("allow 10.0.0.0/8", policy.CheckAddress("x.example", IPAddress.Parse("10.0.0.6"), 80).Rule);
        Assert.Equal("allow intranet.example", policy.CheckAddress("intranet.example", IPAddress.Parse("192.168.0.1"), 80).Rule);
        Assert.False(policy.CheckAddress("x.example", IPAddress.Parse("192.168.0.1"), 80).IsAllowed);
    }

    [Theory]
    [InlineData("*.example.com", "a.example.com", true)]
    [InlineData("*.example.com", "a.b.EXAMPLE.com.", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "badexample.com", false)]
    [InlineData(".example.com", "example.com", true)]
    [InlineData(".example.com", "a.example.com", true)]
    [InlineData(".example.com", "badexample.com", false)]
    [InlineData("example.com", "example.com.evil.net", false)]
    [InlineData("bücher.example", "xn--bcher-kva.example", true)]
    [InlineData("xn--bcher-kva.example", "BÜCHER。example", true)]
    [InlineData("example.com", "ｅｘａｍｐｌｅ．ｃｏｍ", true)]
    [InlineData("*", "anything.example", true)]
    [InlineData("*", "[::1]", true)]
    public void A_name_rule_covers_what_its_pattern_says(string rule, string host, bool covered)
    {
        Assert.Equal(covered, EgressPolicy.Nothing.Allowing(rule).CheckTarget("https", host, 443).IsAllowed);
        Assert.Equal(!covered, EgressPolicy.Unrestricted.Denying(rule).CheckTarget("https", host, 443).IsAllowed);
    }

    [Theory]
    [InlineData("169.254.169.254", "deny 169.254.169.254/32 (cloud metadata)")]
    [InlineData("169.254.0.0/16", "deny 169.254.0.0/16 (link-local, RFC 3927)")]
    [InlineData("169.0.0.0/8", "deny 169.0.0.0/8")]
    [InlineData("*:80", "deny *:80")]
    public void A_denial_names_its_rule(string rule, string expected) =>
        Assert.Equal(expected, EgressPolicy.Unrestricted.Denying(rule).CheckTarget("http", "169.254.169.254", 80).Rule);

    [Fact]
    public void A_rule_with_a_scheme_does_not_open_the_address_to_another_scheme()
    {
        var policy = PublicOnly.Allowing("https://intranet.example", "https://10.0.0.5");
        Assert.True(policy.CheckAddress("https", "intranet.example", Private, 443).IsAllowed);
        Assert.False(policy.CheckAddress("http", "intranet.example", IPAddress.Parse("10.0.0.6"), 80).IsAllowed);
        Assert.False(policy.CheckAddress("http", "evil.example", Private, 80).IsAllowed);
        Assert.False(policy.CheckAddress(null, "evil.example", Private, 80).IsAllowed);
        Assert.False(policy.CheckTarget("http", "10.0.0.5", 80).IsAllowed);
        Assert.True(policy.CheckTarget("HTTPS", "10.0.0.5", 443).IsAllowed);
    }

    [Fact]
    public void An_unknown_scheme_is_read_in_the_way_that_allows_less()
    {
        Assert.False(EgressPolicy.Nothing.Allowing("https://a.example").CheckAddress("a.example", Public, 443).IsAllowed);
        Assert.False(EgressPolicy.Unrestricted.Denying("http://10.0.0.0/8").CheckAddress("a.example", Private, 443).IsAllowed);
        Assert.True(EgressPolicy.Unrestricted.Denying("http://10.0.0.0/8").CheckAddress("https", "a.example", Private, 443).IsAllowed);
    }

    [Fact]
    public void Only_the_allowed_schemes_pass()
    {
        var policy = EgressPolicy.Unrestricted.WithSchemes("wss", "HTTPS", "https");
        Assert.Equal(["https", "wss"], policy.AllowedSchemes);
        Assert.True(policy.CheckTarget("https", "example.com", 443).IsAllowed);
        Assert.True(policy.CheckTarget("WSS", "example.com", 443).IsAllowed);
        Assert.Equal("only these schemes are allowed: https, wss", policy.CheckTarget("file", "example.com", 443).Rule);
        Assert.False(policy.CheckTarget(null, "example.com", 443).IsAllowed);
        Assert.False(policy.CheckAddress("http", "example.com", Public, 80).IsAllowed);
        Assert.Throws<FormatException>(() => policy.WithSchemes());
        Assert.Throws<FormatException>(() => policy.WithSchemes("ht tp"));
    }

    [Theory]
    [InlineData("exa mple.com", "U+0020")]
    [InlineData("example.com\n", "U+000A")]
    [InlineData("a\0b", "U+0000")]
    [InlineData("a\\b", "'\\'")]
    [InlineData("a%2eb", "'%'")]
    [InlineData("user@host", "'@'")]
    [InlineData("host/path", "'/'")]
    [InlineData("a..b", "empty label")]
    [InlineData(".", "empty label")]
    [InlineData("", "is empty")]
    public void A_malformed_host_is_denied_by_every_policy_but_unrestricted(string host, string problem)
    {
        foreach (var policy in new[] { PublicOnly, EgressPolicy.Nothing.Allowing("*"), EgressPolicy.Unrestricted.Denying("other.example") })
        {
            Assert.StartsWith("invalid host: it ", policy.CheckTarget("http", host, 80).Rule);
            Assert.Contains(problem, policy.CheckTarget("http", host, 80).Rule);
            Assert.False(policy.CheckAddress(host, Public, 80).IsAllowed);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_port_out_of_range_is_denied(int port) => Assert.False(PublicOnly.CheckTarget("http", "example.com", port).IsAllowed);

    [Fact]
    public void Only_a_policy_that_can_deny_an_address_is_restrictive()
    {
        Assert.False(EgressPolicy.Unrestricted.IsRestrictive);
        Assert.False(EgressPolicy.Unrestricted.Denying("evil.example", "*:22").IsRestrictive);
        Assert.True(EgressPolicy.Unrestricted.Denying("10.0.0.0/8").IsRestrictive);
        Assert.True(PublicOnly.IsRestrictive);
        Assert.True(EgressPolicy.Nothing.IsRestrictive);
    }

    [Fact]
    public void Policies_are_equal_when_they_say_the_same()
    {
        var one = PublicOnly.Allowing("Example.com:443,80", "10.0.0.0/8").Denying("*:22");
        var two = EgressPolicy.FromName("public-only").Denying("*:22").Allowing("example.com:80,443").Allowing("10.0.0.0/8", "10.0.0.0/8");
        Assert.Equal(one, two);
        Assert.Equal(one.GetHashCode(), two.GetHashCode());
        Assert.NotEqual(one, one.Denying("*:23"));
        Assert.NotEqual(one, one.WithSchemes("https"));
        Assert.NotEqual(EgressPolicy.Unrestricted.Allowing("a.example"), EgressPolicy.Unrestricted.Denying("a.example"));
        Assert.Equal("public-only, allow example.com:80,443, allow 10.0.0.0/8, deny *:22", one.ToString());
    }

    [Fact]
    public void Allowed_targets_cost_no_allocation()
    {
        var policy = PublicOnly.Denying("evil.example", "198.51.100.0/24").Allowing("10.0.0.0/8");
        var v6 = IPAddress.Parse("2606:4700:4700::1111");
        var allowed = true;
        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                allowed &= EgressPolicy.Unrestricted.CheckTarget("https", "example.com", 443).IsAllowed;
                allowed &= PublicOnly.CheckTarget("https", "Api.Example.com.", 443).IsAllowed;
                allowed &= policy.CheckTarget("https", "93.184.216.34", 443).IsAllowed;
                allowed &= policy.CheckTarget("https", "example.com", 443).IsAllowed;
                allowed &= policy.CheckAddress("example.com", Public, 443).IsAllowed;
                allowed &= policy.CheckAddress("example.com", Private, 443).IsAllowed;
                allowed &= policy.CheckAddress("example.com", v6, 443).IsAllowed;
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Allocated();
        Assert.Equal(0, Allocated());
        Assert.True(allowed);
    }

    [Fact]
    public void Two_policies_allow_together_what_each_allows()
    {
        var both = PublicOnly.Allowing("10.0.0.0/8").And(EgressPolicy.Unrestricted.Denying("10.0.0.5", "*:22"));
        Assert.True(both.CheckTarget("http", "10.0.0.6", 80).IsAllowed);
        Assert.False(both.CheckTarget("http", "10.0.0.5", 80).IsAllowed);
        Assert.False(both.CheckAddress("name.test", Private, 80).IsAllowed);
        Assert.False(both.CheckAddress("http", "name.test", Private, 80).IsAllowed);
        Assert.False(both.CheckAddress("http", "name.test", IPAddress.Loopback, 80).IsAllowed);
        Assert.False(both.Allowing("127.0.0.1").CheckTarget("http", "10.0.0.6", 22).IsAllowed);
        Assert.False(both.And(EgressPolicy.Nothing).CheckTarget("http", "10.0.0.6", 80).IsAllowed);
        Assert.True(EgressPolicy.Unrestricted.And(PublicOnly).IsRestrictive);
        Assert.Equal(PublicOnly, EgressPolicy.Unrestricted.And(PublicOnly));
        Assert.Equal(PublicOnly, PublicOnly.And(EgressPolicy.Unrestricted));
        Assert.NotEqual(PublicOnly, PublicOnly.And(EgressPolicy.Nothing));
        Assert.Equal("public-only; and nothing", PublicOnly.And(EgressPolicy.Nothing).ToString());
    }
}
