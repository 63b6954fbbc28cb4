using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>Settings for crawls of loopback servers: nothing else may be reached, and nobody has to be spared.</summary>
internal static class Site
{
    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static CrawlSiteOptions Small { get; } = new() { Pages = 60, Children = 5, Orphans = 4, Words = 60, Slow = TimeSpan.FromMilliseconds(50) };

    /// <summary>One host of this machine and nothing besides; quick, but obedient.</summary>
    public static CrawlerOptions For(params LoopbackServer[] servers) => CrawlerOptions.Default with
    {
        Http = HTTPProfiles.Scrape with
        {
            Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly.Allowing([.. servers.Select(server => $"{server.Url.Host}:{server.Port}")]) },
        },
        Politeness = Politeness.Off with { ObeyRobots = true, BackOff = TimeSpan.Zero },
        Seed = 1,
    };

    public static async Task<List<Visited>> CrawlAsync(Crawler crawler, params string[] seeds)
    {
        var pages = new List<Visited>();
        await foreach (var page in crawler.RunAsync(seeds, Cancel))
            pages.Add(new Visited(new Uri(page.Url).PathAndQuery, page.Status, page.Title, page.Change, page.DuplicateOf, page.IsSoftNotFound, page.Error?.Code, page.Depth, page.Redirects, page.IsNoIndex));
        return pages;
    }
}
