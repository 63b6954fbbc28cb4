using System.Net;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, row 24: scans stay within an authorised scope.</summary>
public class ScanScopeTests
{
    private const string File = """
        {
          // What the contract says.
          "name": "engagement 42",
          "allow": ["10.0.0.0/24", "*.example.test:80,443"],
          "deny": ["10.0.0.13"],
          "ports": "1-1024,u:53",
          "from": "2026-11-01",
          "until": "2026-12-01T18:00Z"
        }
        """;

    private static string? Refusal(ScanScope scope, string host, string address, string ports) =>
        scope.CheckAddress(host, IPAddress.Parse(address), PortSet.Parse(ports)) is { IsAllowed: false, Rule: var rule } ? rule : null;

    [Fact]
    public void Scope_file_allows_hosts_ports_and_a_time()
    {
        var scope = ScanScope.Parse(File);
        Assert.Null(Refusal(scope, "10.0.0.1", "10.0.0.1", "22,u:53"));
        Assert.Null(Refusal(scope, "www.example.test", "198.51.100.1", "80,443"));
        Assert.True(scope.CheckTime(new(2026, 11, 1, 0, 0, 0, default)).IsAllowed);
        Assert.True(scope.CheckTime(new(2026, 12, 1, 17, 59, 59, default)).IsAllowed);
        Assert.Equal(scope, ScanScope.Parse(File));
    }

    [Fact]
    public void What_is_out_of_scope_is_refused_with_the_rule_that_refuses_it()
    {
        var scope = ScanScope.Parse(File);
        Assert.Equal("the scope 'engagement 42': nothing is allowed but the rules (port 80)", Refusal(scope, "10.0.1.1", "10.0.1.1", "80"));
        Assert.StartsWith("the scope 'engagement 42': deny 10.0.0.13/32", Refusal(scope, "10.0.0.13", "10.0.0.13", "80"));
        Assert.StartsWith("the scope 'engagement 42': deny 10.0.0.13/32", Refusal(scope, "www.example.test", "10.0.0.13", "80"));
        Assert.Equal("the scope 'engagement 42': nothing is allowed but the rules (port 22)", Refusal(scope, "www.example.test", "198.51.100.1", "80,22"));
        Assert.Equal("the scope 'engagement 42' has the ports 1-1024,u:53 alone, not 8080,u:161", Refusal(scope, "10.0.0.1", "10.0.0.1", "80,8080,u:53,161"));
        Assert.StartsWith("the scope 'engagement 42' begins on 2026-11-01", scope.CheckTime(new(2026, 10, 31, 23, 59, 59, default)).Rule);
        Assert.StartsWith("the scope 'engagement 42' ended on 2026-12-01 18:00:00Z", scope.CheckTime(new(2026, 12, 1, 18, 0, 0, default)).Rule);
        Assert.False(new ScanScope().CheckHost("example.com").IsAllowed);
    }

    [Fact]
    public void Name_that_no_rule_mentions_is_judged_by_its_addresses()
    {
        var scope = ScanScope.Of("10.0.0.0/24");
        Assert.True(scope.CheckHost("db.test").IsAllowed);
        Assert.False(scope.CheckHost("10.0.1.1").IsAllowed);
        Assert.Null(Refusal(scope, "db.test", "10.0.0.5", "5432"));
        Assert.Equal("the scope: nothing is allowed but the rules", Refusal(scope, "db.test", "192.0.2.5", "5432"));
        Assert.Null(Refusal(scope with { Allow = [.. scope.Allow, .. ScanScope.Of("192.0.2.0/24").Allow] }, "db.test", "192.0.2.5", "5432"));
    }

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{}", "'allow' is missing")]
    [InlineData("""{"allow":"10.0.0.0/8"}""", "'allow' is not an array")]
    [InlineData("""{"allow":[1]}""", "'allow' has an item that is not a string")]
    [InlineData("""{"allow":["10.0.0.5/8"]}""", "bits beyond its prefix")]
    [InlineData("""{"allow":["https://example.test"]}""", "has a scheme")]
    [InlineData("""{"allow":[],"ports":"0"}""", "'0' is not a port")]
    [InlineData("""{"allow":[],"from":"tomorrow"}""", "'from' is not a date")]
    [InlineData("""{"allow":[],"from":"2026-12-01","until":"2026-11-01"}""", "ends before it begins")]
    [InlineData("""{"allow":[],"hosts":[]}""", "unknown property 'hosts'")]
    [InlineData("""{"allow":[],"allow":["*"]}""", "not valid JSON")]
    public void Scope_file_that_is_wrong_is_refused_with_the_property_named(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => ScanScope.Parse(json)).Message, StringComparison.Ordinal);
}
