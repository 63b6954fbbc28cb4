using System.Diagnostics;
using System.Text.Json;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>Machines with a Redis crawl many hosts, and what can happen to them meanwhile: the pages are those of one crawler, each once, and every host has its peace.</summary>
[Collection(LabFixture.Name)]
public sealed class ClusterCrawlTests(LabFixture lab)
{
    private const int Patience = 120_000;

    private static readonly string[] Whole = ["--scope", "any", "--allow", LabSites.Network];

    private readonly FleetLab _lab = lab.Fleet;

    [Fact(Timeout = Patience)]
    public async Task Four_two_machines_and_one_visit_what_one_crawler_visits()
    {
        string[] quick = [LabSites.UrlAt(LabSites.Quick), .. Whole, "--delay", "0", "--json"];
        var expected = Visited(await _lab.CrawlAloneAsync(quick));
        Assert.Equal(LabSites.Sites * LabSites.Pages, expected.Length);
        foreach (var count in (int[])[4, 2, 1])
        {
            await _lab.HaveMachinesAsync(count);
            var before = _lab.SitesAt(LabSites.Quick).Hits.Values.Sum();
            await using var crawl = _lab.Crawl(quick);
            Assert.Equal(expected, Visited(await crawl.EndAsync(TestContext.Current.CancellationToken)));
            Assert.Equal(expected.Length, _lab.SitesAt(LabSites.Quick).Hits.Values.Sum() - before);
        }
    }

    [Fact(Timeout = Patience)]
    public async Task Machine_killed_in_mid_crawl_costs_no_page_and_no_host_its_pause()
    {
        await _lab.HaveMachinesAsync(3);
        var since = _lab.RequestsAt(LabSites.Polite);
        await using var crawl = _lab.Crawl([LabSites.UrlAt(LabSites.Polite), .. Whole, "--delay", "50ms", "--json"]);
        await _lab.AskedAsync(LabSites.Polite, since + (LabSites.Sites * 6));
        await _lab.Machine(3).DieAsync(TestContext.Current.CancellationToken);
        Assert.Equal(LabSites.Sites * LabSites.Pages, Visited(await crawl.EndAsync(TestContext.Current.CancellationToken)).Length);
        var sites = _lab.SitesAt(LabSites.Polite, since);
        sites.WerePolite(LabSites.Pause);
        Assert.Equal(3, sites.Machines.Count());
        // What it had asked for and not written down, which is some of each of its hosts, was asked for once more, and no more than that.
        Assert.InRange(sites.Hits.Values.Max(), 1, 2);
        Assert.InRange(sites.Hits.Values.Count(static hits => hits > 1), 0, 4 * LabSites.Sites / 3);
    }

    [Fact(Timeout = Patience)]
    public async Task Machine_that_stands_still_in_mid_crawl_asks_nothing_late_and_costs_no_page()
    {
        await _lab.HaveMachinesAsync(3);
        var since = _lab.RequestsAt(LabSites.Polite);
        await using var crawl = _lab.Crawl([LabSites.UrlAt(LabSites.Polite), .. Whole, "--delay", "50ms", "--json"]);
        await _lab.AskedAsync(LabSites.Polite, since + (LabSites.Sites * 6));
        _lab.Machine(3).StandStill();
        // Until others have one of its hosts, as its lease is over.
        LabSites sites;
        do
        {
            await _lab.AskedAsync(LabSites.Polite, _lab.RequestsAt(LabSites.Polite) + 1);
            sites = _lab.SitesAt(LabSites.Polite, since);
        }
        while (!sites.HostsOf(3).Intersect(sites.HostsOf(1).Concat(sites.HostsOf(2))).Any());
        var wentOn = Stopwatch.GetTimestamp();
        _lab.Machine(3).GoOn();
        Assert.Equal(LabSites.Sites * LabSites.Pages, Visited(await crawl.EndAsync(TestContext.Current.CancellationToken)).Length);
        // A request that was being sent goes out when it goes on. Before it begins anew, there is no other.
        var (late, others) = _lab.SitesAt(LabSites.Polite, since).Apart(3, wentOn, wentOn + Stopwatch.Frequency);
        Assert.InRange(late, 0, 1);
        others.WerePolite(LabSites.Pause);
        Assert.InRange(others.Hits.Values.Max(), 1, 2);
        await _lab.HaveMachinesAsync(3);
    }

    [Fact(Timeout = Patience)]
    public async Task Machine_that_comes_in_mid_crawl_takes_hosts_over()
    {
        await _lab.HaveMachinesAsync(2);
        var since = _lab.RequestsAt(LabSites.Slow);
        using var begun = JsonDocument.Parse((await _lab.CallAsync(["crawl", .. LabSites.UrlsAt(LabSites.Slow), .. Whole, "--json", "--detach"]))[^1]);
        var id = begun.RootElement.GetProperty("id").GetString()!;
        // Each host has a machine, and was asked by it.
        await _lab.AskedAsync(LabSites.Slow, since + (LabSites.Sites * 3));
        await _lab.HaveMachinesAsync(3);
        await _lab.AskedAsync(LabSites.Slow, 4, machine: 3);
        Assert.Contains("cancelled", string.Join('\n', await _lab.CallAsync("cancel", id)));
        var sites = _lab.SitesAt(LabSites.Slow, since);
        TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        sites.WerePolite(LabSites.LongPause);
        Assert.Equal(3, sites.Machines.Count());
        Assert.NotEmpty(sites.HostsOf(3).Intersect(sites.HostsOf(1).Concat(sites.HostsOf(2))));
        // It is given them when those who had them have come to an end with what was under way: nothing is asked twice.
        Assert.All(sites.Hits.Values, static hits => Assert.Equal(1, hits));
    }

    private static string[] Visited(string[] lines)
    {
        using var end = JsonDocument.Parse(lines[^1]);
        var summary = end.RootElement.GetProperty("summary");
        if (summary.TryGetProperty("state", out var state))
            Assert.Equal("completed", state.GetString());
        var pages = new List<string>();
        foreach (var line in lines[..^1])
        {
            using var page = JsonDocument.Parse(line);
            Assert.Equal(200, page.RootElement.GetProperty("status").GetInt32());
            pages.Add(page.RootElement.GetProperty("url").GetString()!);
        }
        Assert.Equal(pages.Count, pages.Distinct().Count());
        return [.. pages.Order(StringComparer.Ordinal)];
    }
}
