using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Scanning;

/// <summary>What we find is what nmap finds, port by port, on networks that are well and on networks that are not.</summary>
public class OracleTests
{
    private static readonly PortScannerOptions Everything = new() { ReportAll = true };
    private static readonly ScanMode[] Modes = [ScanMode.Connect, ScanMode.Syn];

    [Theory]
    [InlineData(ScanMode.Connect)]
    [InlineData(ScanMode.Syn)]
    public async Task Open_and_closed_ports_are_those_that_nmap_finds(ScanMode mode)
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,443,600-640,999");
        var report = await ScanAsync(lab.Address, "1-1000", Everything with { Mode = mode });
        Assert.Equal(await Nmap.ScanAsync(lab.Address, "-sS", "-p", "1-1000"), States(report));
        Assert.Equal(mode, report.Summary.Mode);
    }

    [Theory]
    [InlineData(ScanMode.Connect)]
    [InlineData(ScanMode.Syn)]
    public async Task Over_IPv6_too(ScanMode mode)
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,443,600-640,999");
        await lab.FirewallAsync("tcp dport 100-120 drop\nmeta nfproto ipv6 tcp dport 200-203 reject with icmpv6 type admin-prohibited");
        await lab.UnlimitIcmpAsync();
        Assert.Equal(await Nmap.ScanAsync(lab.Address6, "-sS", "-p", "1-1000"), States(await ScanAsync(lab.Address6, "1-1000", Everything with { Mode = mode })));
    }

    [Theory]
    [InlineData(ScanMode.Connect)]
    [InlineData(ScanMode.Syn)]
    public async Task Dropped_ports_are_filtered_and_the_others_are_not(ScanMode mode)
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,100-117");
        await lab.FirewallAsync("tcp dport != { 22, 80, 100-117 } drop");
        var report = await ScanAsync(lab.Address, "1-1000", Everything with { Mode = mode });
        Assert.Equal(await Nmap.ScanAsync(lab.Address, "-sS", "-p", "1-1000"), States(report));
        Assert.All(report.Results.Where(static result => result.State == PortState.Filtered), static result => Assert.Equal(PortReason.Timeout, result.Reason));
    }

    [Theory]
    [InlineData("icmp type net-unreachable", PortReason.IcmpNetUnreachable)]
    [InlineData("icmp type host-unreachable", PortReason.IcmpHostUnreachable)]
    [InlineData("icmp type prot-unreachable", PortReason.IcmpProtocolUnreachable)]
    [InlineData("icmp type port-unreachable", PortReason.IcmpPortUnreachable)]
    [InlineData("icmp type net-prohibited", PortReason.IcmpNetProhibited)]
    [InlineData("icmp type host-prohibited", PortReason.IcmpHostProhibited)]
    [InlineData("icmp type admin-prohibited", PortReason.IcmpAdminProhibited)]
    public async Task Rejection_is_filtered_with_the_ICMP_code_as_its_reason(string rejection, PortReason reason)
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.UnlimitIcmpAsync();
        await lab.ListenAsync("22,110");
        await lab.FirewallAsync($"meta nfproto ipv4 tcp dport 100-119 reject with {rejection}");
        var oracle = await Nmap.ScanAsync(lab.Address, "-sS", "-p", "22,90-130");
        foreach (var mode in Modes)
        {
            var report = await ScanAsync(lab.Address, "22,90-130", Everything with { Mode = mode });
            Assert.Equal(oracle, States(report));
            Assert.All(report.Results.Where(static result => result.Port is >= 100 and <= 119), result => Assert.Equal(reason, result.Reason));
        }
    }

    [Theory]
    [InlineData("icmpv6 type no-route", PortReason.IcmpNetUnreachable)]
    [InlineData("icmpv6 type addr-unreachable", PortReason.IcmpHostUnreachable)]
    [InlineData("icmpv6 type port-unreachable", PortReason.IcmpPortUnreachable)]
    [InlineData("icmpv6 type admin-prohibited", PortReason.IcmpAdminProhibited)]
    public async Task Rejection_over_IPv6_has_its_reason_too(string rejection, PortReason reason)
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.UnlimitIcmpAsync();
        await lab.ListenAsync("22,110");
        await lab.FirewallAsync($"meta nfproto ipv6 tcp dport 100-119 reject with {rejection}");
        foreach (var mode in Modes)
        {
            var report = await ScanAsync(lab.Address6, "22,90-130", Everything with { Mode = mode });
            Assert.Equal([22], Open(report));
            Assert.All(report.Results.Where(static result => result.Port is >= 100 and <= 119), result => Assert.Equal((PortState.Filtered, reason), (result.State, result.Reason)));
        }
    }

    [Fact]
    public async Task Reset_by_a_firewall_is_closed()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,110");
        await lab.FirewallAsync("tcp dport 100-119 reject with tcp reset");
        Assert.Equal(await Nmap.ScanAsync(lab.Address, "-sS", "-p", "22,90-130"), States(await ScanAsync(lab.Address, "22,90-130")));
    }

    [Fact]
    public async Task ICMP_limits_change_reasons_and_not_states()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22");
        await lab.FirewallAsync("tcp dport 1000-1999 reject with icmpx type admin-prohibited");
        var report = await ScanAsync(lab.Address, "22,1000-1999");
        Assert.Equal(1000, report.Results.Count(static result => result.State == PortState.Filtered));
        Assert.InRange(report.Results.Count(static result => result.Reason == PortReason.IcmpAdminProhibited), 1, 900);
    }

    [Theory]
    [InlineData(ScanMode.Connect)]
    [InlineData(ScanMode.Syn)]
    public async Task All_65535_ports_are_as_nmap_finds_them(ScanMode mode)
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,1024,5000-5040,32768,49151-49153,65535");
        var report = await ScanAsync(lab.Address, "all", Everything with { ProbesPerSecond = PortScannerOptions.Unlimited, Mode = mode });
        Assert.Equal(65_535, report.Results.Count);
        Assert.Equal(await Nmap.ScanAsync(lab.Address, "-sS", "-T4", "-p", "1-65535"), States(report));
    }

    [Theory]
    [InlineData(5, ScanMode.Connect)]
    [InlineData(10, ScanMode.Connect)]
    [InlineData(20, ScanMode.Connect)]
    [InlineData(10, ScanMode.Syn)]
    public async Task No_open_port_is_missed_and_none_made_up_where_packets_are_lost(int percent, ScanMode mode)
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,100-140,299");
        await lab.FirewallAsync($"numgen random mod 100 < {percent} drop", $"numgen random mod 100 < {percent} drop");
        for (var seed = 0UL; seed < 20; seed++)
        {
            var report = await ScanAsync(lab.Address, "1-300", Everything with { ProbesPerSecond = PortScannerOptions.Unlimited, Mode = mode }, seed);
            Assert.Equal([22, 80, .. Enumerable.Range(100, 41), 299], Open(report));
            Assert.Equal(256, report.Summary.Closed);
            Assert.InRange(report.Summary.Confidence, 0.99, 1);
        }
    }

    [Fact]
    public async Task Twenty_orders_find_the_same()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,100-140,299");
        await lab.FirewallAsync("tcp dport 200-250 drop");
        for (var seed = 0UL; seed < 20; seed++)
        {
            var report = await ScanAsync(lab.Address, "1-300", Everything with { ProbesPerSecond = PortScannerOptions.Unlimited }, seed);
            Assert.Equal([22, 80, .. Enumerable.Range(100, 41), 299], Open(report));
            Assert.Equal(51, report.Summary.Filtered);
        }
    }

    [Fact]
    public async Task Narrow_link_is_scanned_as_fast_as_it_carries()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,100-140,1999");
        // Some 800 requests a second, with room for a few dozen in its queue.
        await lab.ShapeAsync("tbf", "rate", "512kbit", "burst", "2kb", "limit", "4kb");
        var report = await ScanAsync(lab.Address, "1-2000", Everything with { ProbesPerSecond = PortScannerOptions.Unlimited });
        Assert.Equal([22, 80, .. Enumerable.Range(100, 41), 1999], Open(report));
        Assert.Equal(0, report.Summary.Filtered);
    }

    [Fact]
    public async Task Every_host_of_a_network_is_found_with_every_port()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.AnswerForNetworkAsync();
        await lab.ListenAsync("22,80,443");
        var report = await ScanAsync(lab.Network, "1-98,443,8080", new PortScannerOptions { ProbesPerSecond = PortScannerOptions.Unlimited });
        var hosts = report.Results.GroupBy(static result => result.Address).ToDictionary(static host => host.Key.ToString(), static host => host.Select(static result => result.Port).ToArray());
        // Neither the network's own address nor that of all its hosts; the first is this end's, and nobody has the third.
        var there = Enumerable.Range(4, 251).Prepend(2).Select(number => lab.Address[..^1] + number).Order(StringComparer.Ordinal);
        Assert.Equal(there, hosts.Keys.Where(host => host != lab.Address[..^1] + "1").Order(StringComparer.Ordinal));
        Assert.All(hosts.Where(host => host.Key != lab.Address[..^1] + "1"), static host => Assert.Equal([22, 80, 443], host.Value));
    }

    [Fact]
    public async Task Hosts_that_show_no_sign_of_life_are_counted_and_not_scanned()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22");
        var network = lab.Address[..^1];
        var report = await ScanAsync($"{network}2-17", "1-100");
        Assert.Equal((16, 1, 15), (report.Summary.Hosts, report.Summary.HostsUp, report.Summary.HostsDown));
        Assert.Equal(1500, report.Summary.Skipped);
        Assert.Equal([22], Open(report));
        Assert.True(report.Summary.ProbesSent < 400, report.Summary.ToString());
    }

    [Fact]
    public async Task Host_that_dies_during_the_scan_is_noted_and_nothing_is_made_up()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80");
        var run = new PortScanner(Everything with { ProbesPerSecond = 2000 })
            .ScanStreamAsync(new ScanPlan { Targets = lab.Address, Ports = 1..4000 }, TestContext.Current.CancellationToken);
        var results = new List<PortResult>();
        await foreach (var result in run)
        {
            results.Add(result);
            if (results.Count == 1000)
                await lab.CutAsync();
        }
        Assert.Contains(run.Summary.Notes, static note => note.Kind == ScanNoteKind.HostLost);
        Assert.All(results.Where(static result => result.State == PortState.Open), static result => Assert.Contains(result.Port, (int[])[22, 80]));
        Assert.Equal(4000, results.Count);
    }

    [Fact]
    public async Task Host_on_which_everything_is_open_is_recognised()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22");
        await lab.RulesAsync("table inet scan {\nchain in {\ntype nat hook prerouting priority -100;\ntcp dport 1-20000 redirect to :22\n}\n}\n");
        var report = await ScanAsync(lab.Address, "1-300", Everything with { Mode = ScanMode.Connect });
        Assert.Equal(300, report.Summary.Open);
        Assert.Contains(report.Summary.Notes, static note => note.Kind == ScanNoteKind.EverythingOpen);
        Assert.DoesNotContain(report.Summary.Notes, static note => note.Kind == ScanNoteKind.SynProxy);
    }

    [Theory]
    [InlineData(ScanMode.Connect)]
    [InlineData(ScanMode.Syn)]
    public async Task Proxy_of_SYNs_is_recognised(ScanMode mode)
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22");
        await lab.InsideAsync("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0");
        await lab.RulesAsync("""
            table inet scan {
            chain before {
            type filter hook prerouting priority -300;
            iifname "eth0" tcp flags syn tcp dport 1-500 notrack
            }
            chain in {
            type filter hook input priority 0;
            tcp dport 1-500 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
            ct state invalid drop
            }
            }
            """ + "\n");
        var report = await ScanAsync(lab.Address, "1-300", Everything with { Mode = mode });
        Assert.Contains(report.Summary.Notes, static note => note.Kind == ScanNoteKind.SynProxy);
    }

    [Theory]
    [InlineData(ScanMode.Connect)]
    [InlineData(ScanMode.Syn)]
    public async Task Tarpit_is_recognised(ScanMode mode)
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.TarpitAsync(1, 300);
        var report = await ScanAsync(lab.Address, "1-300", Everything with { Mode = mode });
        Assert.Equal(300, report.Summary.Open);
        Assert.Contains(report.Summary.Notes, static note => note.Kind == ScanNoteKind.EverythingOpen);
        Assert.Contains(report.Summary.Notes, static note => note.Kind == ScanNoteKind.Tarpit);
        Assert.DoesNotContain(report.Summary.Notes, static note => note.Kind == ScanNoteKind.SynProxy);
    }

    [Fact]
    public async Task UDP_ports_are_as_nmap_finds_them()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.UnlimitIcmpAsync();
        await lab.ListenAsync("u53,u123,u1000-1003");
        await lab.FirewallAsync("udp dport { 137, 161 } drop\nmeta nfproto ipv4 udp dport 200 reject with icmp type admin-prohibited");
        var report = await ScanAsync(lab.Address, "u:50-60,u:120-140,u:161,u:200,u:1000-1010");
        Assert.Equal(await Nmap.ScanAsync(lab.Address, "-sU", "-p", "50-60,120-140,161,200,1000-1010"), States(report));
        Assert.Equal([137, 161], report.Results.Where(static result => result.State == PortState.OpenOrFiltered).Select(static result => result.Port));
    }

    [Fact]
    public async Task Host_that_limits_its_ICMP_messages_is_given_the_time_to_say_which_UDP_ports_are_closed()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("u53");
        await lab.FirewallAsync("udp dport 60 drop");
        var report = await ScanAsync(lab.Address, "u:50-66");
        Assert.Equal([53], Open(report));
        Assert.Equal([60], report.Results.Where(static result => result.State == PortState.OpenOrFiltered).Select(static result => result.Port));
        Assert.Equal(15, report.Summary.Closed);
    }

    private static async Task<ScanReport> ScanAsync(string target, string ports, PortScannerOptions? options = null, ulong? seed = null) =>
        await new PortScanner(options ?? Everything).ScanAsync(
            new ScanPlan { Targets = target, Ports = PortSet.Parse(ports), Seed = seed }, TestContext.Current.CancellationToken);

    private static int[] Open(ScanReport report) => [.. report.Results.Where(static result => result.State == PortState.Open).Select(static result => result.Port)];

    private static SortedDictionary<int, string> States(ScanReport report) =>
        new(report.Results.ToDictionary(static result => result.Port, static result => ScanText.Of(result.State)));
}
