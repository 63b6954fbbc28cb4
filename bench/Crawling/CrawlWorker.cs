using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Benchmarks.Crawling;

/// <summary>Processes of the crawling suite: the site on one core, our crawler on the other.</summary>
internal static class CrawlWorker
{
    /// <summary>Serves a site until the standard input ends: <c>PAGES</c>.</summary>
    public static async Task<int> ServeAsync(string pages)
    {
        await using var site = CrawlSite.Start(new CrawlSiteOptions { Pages = int.Parse(pages, CultureInfo.InvariantCulture), Traps = false, Orphans = 0 });
        Console.WriteLine(site.Url);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    /// <summary>Crawls once: <c>URL CONCURRENCY [STATEFILE]</c>.</summary>
    public static async Task<int> CrawlAsync(string[] arguments)
    {
        var url = new Uri(arguments[0]);
        var concurrency = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        await using var crawler = new Crawler(CrawlerOptions.Default with
        {
            Http = HTTPProfiles.Scrape with { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly.Allowing($"{url.Host}:{url.Port}") } },
            Politeness = Politeness.Off with { Concurrency = concurrency },
            Concurrency = concurrency,
            UseSitemaps = false,
            DetectSoftNotFound = false,
            StateFile = arguments.Length > 2 ? arguments[2] : null,
        });
        using var self = Process.GetCurrentProcess();
        var (began, cpu) = (Stopwatch.GetTimestamp(), self.TotalProcessorTime);
        long pages = 0;
        await foreach (var page in crawler.RunAsync([url.ToString()]))
            pages += page.Status == 200 ? 1 : 0;
        self.Refresh();
        var sample = new CrawlSample(pages, Stopwatch.GetElapsedTime(began).TotalSeconds, (self.TotalProcessorTime - cpu).TotalSeconds, self.PeakWorkingSet64);
        Console.WriteLine(JsonSerializer.Serialize(sample, CrawlSampleJson.Default.CrawlSample));
        return 0;
    }
}
