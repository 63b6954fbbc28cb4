using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>A crawl of a made-up site: politely, kept in a file, and looked at again for what has changed.</summary>
public static class Crawl
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        await using var site = CrawlSite.Start(new CrawlSiteOptions { Pages = 30, Orphans = 4, Traps = false });
        var folder = Directory.CreateTempSubdirectory();
        // sample: crawl
        var options = CrawlerOptions.Default with
        {
            Identity = new CrawlIdentity { Name = "ExampleBot", Contact = "https://example.com/bot" },
            Politeness = Politeness.Default with { Delay = TimeSpan.FromMilliseconds(1) },
            Limits = CrawlLimits.Default with { Pages = 1_000, Depth = 8 },
            StateFile = Path.Combine(folder.FullName, "crawl.db"),
            Http = HTTPProfiles.Scrape with
            {
                // The one exception stands for a site that may be crawled although it is not on the public internet.
                Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly.Allowing($"{site.Url.Host}:{site.Url.Port}") },
            },
        };
        await using var crawler = new Crawler(options);
        await foreach (var page in crawler.RunAsync([site.Url.ToString()], ct))
        {
            if (page.Error is { } error)
                await output.WriteLineAsync($"{page.Url}: {error.Code}");
            else if (page.Depth == 0)
                await output.WriteLineAsync($"{page.Title}, with {page.Links.Count} links: {page.Document().SelectFirst("article p")?.Text[..20]}…");
        }
        await output.WriteLineAsync($"{crawler.Statistics!.Pages} pages, {crawler.Statistics.Requests} requests");
        // end

        site.Revision++;
        // sample: again
        await foreach (var page in crawler.RunAsync([site.Url.ToString()], ct))
        {
            if (page.Change == PageChange.Changed)
                await output.WriteLineAsync($"changed: {page.Title}");
        }
        await output.WriteLineAsync($"{crawler.Statistics.NotModified} pages are as they were");
        // end

        // sample: robots
        var rules = RobotsFile.Parse("User-agent: ExampleBot\nDisallow: /private/\nCrawl-delay: 2"u8).RulesFor("ExampleBot");
        await output.WriteLineAsync($"/private/x: {rules.Allows("/private/x")}, a request every {rules.CrawlDelay?.TotalSeconds} s");
        // end
        folder.Delete(recursive: true);
    }
}
