using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about crawling: a made-up site with the traps of real ones.</summary>
internal static class DemoCrawl
{
    public static DemoStep[] Steps() =>
    [
        new("Crawling", "visit a site of 300 pages with traps, and look again for what changed", CrawlAsync),
    ];

    private static async Task<string> CrawlAsync(CancellationToken cancellationToken)
    {
        await using var site = CrawlSite.Start(new CrawlSiteOptions { Pages = 300, Orphans = 10, Slow = TimeSpan.Zero });
        var state = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await using var crawler = new Crawler(new CrawlerOptions
            {
                Http = HTTPProfiles.Scrape with { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly.Allowing($"{site.Url.Host}:{site.Url.Port}") } },
                Politeness = Politeness.Off with { ObeyRobots = true, BackOff = TimeSpan.Zero },
                StateFile = state,
            });
            await foreach (var page in crawler.RunAsync([site.Url.ToString()], cancellationToken))
                DemoFailure.Unless(!page.Url.Contains("/private/", StringComparison.Ordinal), "robots.txt was not obeyed");
            var first = crawler.Statistics!;
            DemoFailure.Unless(site.Hits.Where(hit => hit.Key.StartsWith("/p/", StringComparison.Ordinal)).All(hit => hit.Value == 1) && first.SoftNotFound == 1, "a page was fetched twice, or a trap not seen");

            site.Revision++;
            await foreach (var _ in crawler.RunAsync([], cancellationToken))
            {
            }
            var again = crawler.Statistics!;
            DemoFailure.Unless(again.Changed == 31, $"{again.Changed} pages were found changed");
            return $"{first.Pages} pages, {first.Skipped.Values.Sum()} links left alone for {first.Skipped.Count} reasons, in {Rendering.Milliseconds.Text(first.Elapsed)}; then {again.Changed} changed, {again.NotModified} as they were";
        }
        finally
        {
            foreach (var file in (string[])[state, state + "-wal", state + "-shm"])
                File.Delete(file);
        }
    }
}
