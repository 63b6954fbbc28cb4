using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>Crawls of a machine on its own, with its state in a file.</summary>
public sealed class SingleSiloCrawlTests : IDisposable
{
    private static readonly EgressPolicy Loopback = EgressPolicy.PublicInternetOnly.Allowing("127.0.0.1");

    private readonly ServerFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private FleetOptions Options => field ??= new FleetOptions { StatePath = _folder["state.db"], MachinePort = ServerProcess.FreePort(), GatewayPort = ServerProcess.FreePort() };

    [Fact]
    public async Task Crawl_visits_each_page_of_all_hosts_once_and_is_there_when_the_machine_starts_again()
    {
        await using var ring = SiteRing.Start(sites: 5, pages: 30);
        string id;
        string[] found;
        await using (var node = await FleetNode.StartAsync(Options, Stop))
        {
            id = await node.Client.StartAsync(PlanFor(ring), Stop);
            found = await PagesAsync(node.Client, id, follow: true);
        }
        Assert.Equal(ring.Urls, found);
        Assert.Equal(150, ring.Hits);
        await using var again = await FleetNode.StartAsync(Options, Stop);
        var status = await again.Client.GetCrawlAsync(id, Stop);
        // Each host has its pages, and the sitemap that it might have had.
        Assert.Equal((CampaignState.Completed, 5, 5, 150L, 0L, 155L), (status.State, status.Hosts, status.HostsDone, status.Pages, status.Pending, status.Urls));
        Assert.Equal(found, await PagesAsync(again.Client, id, follow: false));
        Assert.Equal(id, Assert.Single((await again.Client.GetStatusAsync(Stop)).Crawls).Id);
    }

    [Fact]
    public async Task Site_with_traps_is_visited_as_one_machine_visits_it()
    {
        await using var site = CrawlSite.Start(new CrawlSiteOptions { Pages = 60, Children = 5, Orphans = 4, Words = 60, Slow = TimeSpan.FromMilliseconds(50) });
        var plan = PlanFor(site.Url.ToString()) with { Limits = CrawlLimits.Default with { Chain = 5, Depth = 10 } };
        await using var crawler = new Crawler(new CrawlerOptions
        {
            Http = HTTPProfiles.Scrape with { Transport = TransportOptions.Default with { Policy = Loopback } },
            Politeness = plan.Politeness,
            Limits = plan.Limits,
        });
        var expected = await crawler.RunAsync([site.Url.ToString()], Stop).Select(static page => $"{page.Status} {page.Url} {page.Error?.Code}").ToListAsync(Stop);
        await using var node = await FleetNode.StartAsync(Options, Stop);
        var id = await node.Client.StartAsync(plan, Stop);
        var pages = await node.Client.PagesAsync(id, follow: true, Stop).ToListAsync(Stop);
        // Which of several pages with the same content comes first, and which way leads to a page, is left to chance: those of the site itself are the same.
        Assert.Equal(Own(expected), Own(pages.Select(static page => $"{page.Status} {page.Url} {page.ErrorCode}")));
        Assert.Equal(pages.Count, pages.DistinctBy(static page => page.Url).Count());
        Assert.Empty(site.Server.Failures);

        string[] Own(IEnumerable<string> all) => [.. all.Where(page => page.Contains("/p/", StringComparison.Ordinal) || page.Contains("/o/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Crawl_that_is_paused_asks_nothing_and_goes_on_where_it_was()
    {
        await using var ring = SiteRing.Start(sites: 2, pages: 40);
        await using var node = await FleetNode.StartAsync(Options, Stop);
        var id = await node.Client.StartAsync(PlanFor(ring) with { Politeness = Slow }, Stop);
        await UntilAsync(node, id, static status => status.Pages > 5);
        await node.Client.PauseAsync(id, Stop);
        await UntilAsync(node, id, static status => status.Machines.All(static machine => machine.Hosts == 0));
        var hits = ring.Hits;
        var paused = await node.Client.GetCrawlAsync(id, Stop);
        Assert.Equal((hits, CampaignState.Paused), ((int)paused.Pages, paused.State));
        Assert.InRange(hits, 5, 79);
        await node.Client.ResumeAsync(id, Stop);
        Assert.Equal(ring.Urls, await PagesAsync(node.Client, id, follow: true));
        Assert.Equal(80, ring.Hits);
        Assert.Equal(ErrorCodes.FleetNoCampaign, (await Assert.ThrowsAsync<NetworkException>(() => node.Client.PauseAsync(id, Stop))).Code);
        Assert.Equal(ErrorCodes.FleetNoCampaign, (await Assert.ThrowsAsync<NetworkException>(() => node.Client.GetCrawlAsync("c-00000000", Stop))).Code);
    }

    [Fact]
    public async Task Machine_that_stops_in_mid_crawl_goes_on_when_it_starts_again_and_fetches_nothing_twice()
    {
        await using var ring = SiteRing.Start(sites: 3, pages: 30);
        string id;
        await using (var node = await FleetNode.StartAsync(Options, Stop))
        {
            id = await node.Client.StartAsync(PlanFor(ring) with { Politeness = Slow }, Stop);
            await UntilAsync(node, id, static status => status.Pages > 5);
        }
        Assert.InRange(ring.Hits, 5, 89);
        await using var again = await FleetNode.StartAsync(Options, Stop);
        Assert.Equal(ring.Urls, await PagesAsync(again.Client, id, follow: true));
        Assert.Equal(90, ring.Hits);
        // Nor is robots.txt asked for again: it is kept.
        Assert.All(ring.Servers, static server => Assert.Single(server.Requests, static request => request.Path == "/robots.txt"));
    }

    [Fact]
    public async Task Crawl_ends_with_the_number_of_pages_that_it_may_have()
    {
        await using var ring = SiteRing.Start(sites: 4, pages: 20);
        await using var node = await FleetNode.StartAsync(Options, Stop);
        var id = await node.Client.StartAsync(PlanFor(ring) with { Limits = CrawlLimits.Default with { Pages = 17 } }, Stop);
        Assert.Equal(17, (await PagesAsync(node.Client, id, follow: true)).Distinct().Count());
        var status = await node.Client.GetCrawlAsync(id, Stop);
        Assert.Equal((CampaignState.Completed, 17L), (status.State, status.Pages));
        Assert.NotEqual(0, status.Pending);
        Assert.Equal(17, ring.Hits);
    }

    [Fact]
    public async Task Host_that_asks_to_be_left_alone_is_left_alone_by_whoever_has_it_next()
    {
        await using var server = LoopbackServer.Start();
        var askedAt = new List<long>();
        server.Map("GET", "/robots.txt", static exchange => exchange.RespondAsync(404, ""));
        server.Map("GET", "/", exchange =>
        {
            lock (askedAt)
                askedAt.Add(TimeProvider.System.GetTimestamp());
            return askedAt.Count > 1
                ? exchange.RespondAsync(200, "<title>here</title>", "text/html")
                : exchange.RespondAsync(503, "", headers: [new("Retry-After", "4")]);
        });
        string id;
        await using (var node = await FleetNode.StartAsync(Options, Stop))
        {
            id = await node.Client.StartAsync(PlanFor(server.Url.ToString()), Stop);
            await UntilAsync(node, id, static status => status.SlowDowns == 1);
        }
        await using var again = await FleetNode.StartAsync(Options, Stop);
        Assert.Single(await PagesAsync(again.Client, id, follow: true));
        Assert.Equal(2, askedAt.Count);
        Assert.InRange(TimeProvider.System.GetElapsedTime(askedAt[0], askedAt[1]).TotalSeconds, 4 - 0.1, 30);
    }

    [Fact]
    public async Task Plan_and_operator_must_both_allow_a_host()
    {
        await using var ring = SiteRing.Start(sites: 3, pages: 4);
        await using var node = await FleetNode.StartAsync(Options with { Policy = EgressPolicy.Unrestricted.Denying($"127.0.0.1:{ring.Servers[1].Port}") }, Stop);
        var seeds = Enumerable.Range(0, 3).Select(site => ring.Url(site, 0)).ToList();
        var id = await node.Client.StartAsync(PlanFor(ring) with { Seeds = seeds, Policy = Loopback.Denying($"127.0.0.1:{ring.Servers[2].Port}") }, Stop);
        Assert.Equal(Enumerable.Range(0, 4).Select(page => ring.Url(0, page)), await PagesAsync(node.Client, id, follow: true));
        Assert.Equal((0, 0), (ring.Servers[1].ConnectionCount, ring.Servers[2].ConnectionCount));
    }

    [Fact]
    public async Task Hosts_for_which_a_crawl_has_no_room_are_counted_also_where_they_are_seeds()
    {
        await using var node = await FleetNode.StartAsync(Options, Stop);
        var seeds = Enumerable.Range(1, CrawlPlan.MostHosts + 3).Select(static port => $"http://127.0.0.1:{port}/").ToArray();
        var id = await node.Client.StartAsync(PlanFor(seeds) with { Policy = EgressPolicy.PublicInternetOnly }, Stop);
        await node.Client.CancelAsync(id, Stop);
        var status = await node.Client.GetCrawlAsync(id, Stop);
        Assert.Equal((CrawlPlan.MostHosts, 3L), (status.Hosts, status.HostsRefused));
    }

    [Fact]
    public async Task Plan_that_cannot_travel_is_refused()
    {
        await using var node = await FleetNode.StartAsync(Options, Stop);
        var plan = PlanFor("http://127.0.0.1/");
        foreach (var (bad, says) in new[]
        {
            (plan with { Seeds = [] }, "CrawlPlan.Seeds"),
            (plan with { Seeds = ["ftp://127.0.0.1/"] }, "CrawlPlan.Seeds"),
            (plan with { Scope = new CrawlScope { Filter = static _ => true } }, "CrawlPlan.Scope"),
            (plan with { Limits = CrawlLimits.Default with { Pages = 0 } }, "CrawlLimits.Pages"),
        })
            Assert.Contains(says, (await Assert.ThrowsAnyAsync<ArgumentException>(() => node.Client.StartAsync(bad, Stop))).Message);
    }

    public void Dispose() => _folder.Dispose();

    private static Politeness Quick => Politeness.Off with { ObeyRobots = true, Concurrency = 4, BackOff = TimeSpan.FromMilliseconds(10) };

    private static Politeness Slow => Quick with { Delay = TimeSpan.FromMilliseconds(40), Concurrency = 1 };

    private static CrawlPlan PlanFor(params string[] seeds) => new() { Seeds = seeds, Policy = Loopback, Politeness = Quick };

    private static CrawlPlan PlanFor(SiteRing ring) => PlanFor(ring.Seed) with { Scope = new CrawlScope { Hosts = ["127.0.0.1"] } };

    private static async Task UntilAsync(FleetNode node, string id, Func<CrawlStatus, bool> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!isSo(await node.Client.GetCrawlAsync(id, Stop)))
            await timer.WaitForNextTickAsync(Stop);
    }

    private static async Task<string[]> PagesAsync(FleetClient fleet, string id, bool follow) =>
        [.. (await fleet.PagesAsync(id, follow, Stop).ToListAsync(Stop)).Select(static page => page.Url).Order(StringComparer.Ordinal)];
}
