using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Fleet.Internal.Planning;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>How a plan is cut into shards.</summary>
public sealed class PlanningTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_host_is_in_one_shard(bool byNetwork)
    {
        var plan = Plan("10.0.0.0/20", "1-100") with { ProbesPerSecondPerNetwork = byNetwork ? 10 : null };
        var part = Assert.Single((await BuildAsync(plan)).Parts);
        var map = new PartMap(part);
        var hosts = Enumerable.Range(0, part.Shards).SelectMany(map.HostsOf).ToList();
        Assert.Equal(byNetwork ? 16 : 64, part.Shards);
        Assert.Equal(4096, hosts.Count);
        Assert.Equal(4096, hosts.Distinct().Count());
    }

    [Fact]
    public async Task Network_with_a_cap_is_in_one_shard_also_where_the_targets_have_holes()
    {
        var plan = Plan("10.0.0.0/20 10.9.9.1-3 10.9.9.7 2001:db8::1-2001:db8::5 2001:db8:0:1::1", "1-100") with
        {
            Targets = ScanTargets.Parse("10.0.0.0/20", "10.9.9.1-3", "10.9.9.7", "2001:db8::1-2001:db8::5", "2001:db8:0:1::1").Excluding("10.0.3.128/25", "10.0.4.0/24"),
            Scope = ScanScope.Of("10.0.0.0/8", "2001:db8::/32"),
            ProbesPerSecondPerNetwork = 10,
        };
        var part = Assert.Single((await BuildAsync(plan)).Parts);
        var map = new PartMap(part);
        var shards = Enumerable.Range(0, part.Shards).Select(shard => map.HostsOf(shard).Select(NetworkOf).Distinct().ToList()).ToList();
        Assert.Equal(18, map.Units);
        Assert.Equal(18, shards.Sum(static shard => shard.Count));
        Assert.Equal(18, shards.SelectMany(static shard => shard).Distinct().Count());
        Assert.Equal(4096 - 128 - 256 + 4 + 6, Enumerable.Range(0, part.Shards).Sum(shard => map.HostsOf(shard).Count));
    }

    [Fact]
    public async Task Other_plan_asks_what_is_new_in_it_and_nothing_twice()
    {
        var first = await BuildAsync(Plan("10.0.0.0/28", "1-10"));
        var second = await BuildAsync(Plan("10.0.0.8-23", "5-20"), first);
        var third = await BuildAsync(Plan("10.0.0.0/27", "1-30"), second);
        var cells = third.Parts.SelectMany(static part => new PartMap(part) is var map
            ? Enumerable.Range(0, part.Shards).SelectMany(map.HostsOf).SelectMany(host => map.Ports.Tcp.Select(port => (host, port))) : []).ToList();
        Assert.Equal(cells.Count, cells.Distinct().Count());
        Assert.Equal(32 * 30, cells.Count);
        Assert.Equal(first.Parts[0].Targets, third.Parts[0].Targets);
    }

    [Fact]
    public async Task Large_plan_has_shards_of_a_bounded_number()
    {
        var part = Assert.Single((await BuildAsync(Plan("10.0.0.0/8", "1-1000"))).Parts);
        Assert.Equal(65_536, part.Shards);
        Assert.Equal(256, new PartMap(part).HostsOf(65_535).Count);
    }

    [Fact]
    public async Task Public_addresses_without_a_scope_are_refused_however_they_are_cut() =>
        Assert.Equal(ErrorCodes.PolicyDenied, (await Assert.ThrowsAsync<PolicyException>(() => BuildAsync(Plan("8.8.8.0/24", "53")))).Code);

    [Fact]
    public async Task Scope_and_policy_arrive_as_they_were_sent()
    {
        var scope = ScanScope.Of("10.0.0.0/24", "*.example.com:443") with { Name = "contract \"42\"", Deny = [EgressRule.Parse("10.0.0.7")], Ports = PortSet.Parse("1-100"), Until = new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero) };
        var policy = EgressPolicy.PublicInternetOnly.Allowing("10.0.0.0/8").Denying("*:22");
        var text = (await BuildAsync(Plan("10.0.0.1-5", "1-10") with { Scope = scope, Policy = policy })).Text!;
        Assert.Equal(scope, ScanScope.Parse(text.Scope!));
        Assert.Equal(policy, EgressPolicy.Parse(text.Policy));
    }

    [Fact]
    public async Task Names_are_resolved_once_and_their_exclusions_hold()
    {
        var resolver = ResolverOptions.Default with { Hosts = new Dictionary<string, IReadOnlyList<System.Net.IPAddress>> { ["a.test"] = [System.Net.IPAddress.Parse("10.0.0.7"), System.Net.IPAddress.Parse("10.0.0.8")] } };
        var plan = Plan("a.test", "80") with { Targets = ScanTargets.Parse("a.test").Excluding("10.0.0.8") };
        var document = PlanBuilder.Build(await PlanBuilder.ResolveAsync(PlanWriter.Write(plan), TransportOptions.Default with { Resolver = resolver }, TimeProvider.System, TestContext.Current.CancellationToken), null);
        Assert.Equal(["10.0.0.7"], document.Targets);
        Assert.Equal("a.test", document.Names["10.0.0.7"]);
    }

    private static CampaignPlan Plan(string targets, string ports) => new() { Targets = ScanTargets.Parse(targets.Split(' ')), Ports = PortSet.Parse(ports), Seed = 7 };

    private static async Task<PlanDocument> BuildAsync(CampaignPlan plan, PlanDocument? before = null) =>
        PlanBuilder.Build(await PlanBuilder.ResolveAsync(PlanWriter.Write(plan), TransportOptions.Default, TimeProvider.System, TestContext.Current.CancellationToken), before);

    private static string NetworkOf(System.Net.IPAddress address) => address.GetAddressBytes() is { Length: 4 } four ? $"{four[0]}.{four[1]}.{four[2]}" : Convert.ToHexString(address.GetAddressBytes()[..8]);
}
