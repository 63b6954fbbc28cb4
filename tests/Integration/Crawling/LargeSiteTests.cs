using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Crawling;

/// <summary>The site of 20,000 pages with every trap: each page once, each trap recognised, limited and counted, and the second time only what has changed.</summary>
public sealed class LargeSiteTests : IDisposable
{
    private const int Ordinary = 20_000;
    private const int Orphans = 100;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("codonet-test-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Twenty_thousand_pages_with_traps_are_visited_once_and_then_only_where_they_changed()
    {
        await using var site = CrawlSite.Start(new CrawlSiteOptions { Pages = Ordinary, Orphans = Orphans, Slow = TimeSpan.FromSeconds(1) });
        var options = CrawlerOptions.Default with
        {
            Http = HTTPProfiles.Scrape with
            {
                Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly.Allowing($"{site.Url.Host}:{site.Url.Port}") },
                Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromMilliseconds(500) },
            },
            Politeness = Politeness.Off with { ObeyRobots = true, BackOff = TimeSpan.FromMilliseconds(10), Retries = 1 },
            StateFile = Path.Combine(_folder.FullName, "crawl.db"),
            Seed = 1,
        };
        await using var crawler = new Crawler(options);
        var seen = new HashSet<string>();
        await foreach (var page in crawler.RunAsync([site.Url.ToString()], Cancel))
            Assert.True(seen.Add(page.Url), $"{page.Url} was handed over twice");
        var first = crawler.Statistics!;
        TestContext.Current.TestOutputHelper?.WriteLine($"{first} {string.Join(", ", first.Skipped)}");

        Assert.Equal(Ordinary, seen.Count(url => new Uri(url).AbsolutePath is "/" or ['/', 'p', '/', ..]));
        Assert.Equal(Orphans, seen.Count(url => new Uri(url).AbsolutePath.StartsWith("/o/", StringComparison.Ordinal)));
        Assert.All(site.Hits.Where(hit => hit.Key.StartsWith("/p/", StringComparison.Ordinal)), hit => Assert.Equal(1, hit.Value));
        Assert.DoesNotContain(site.Hits.Keys, target => target.StartsWith("/private/", StringComparison.Ordinal) || target.Contains("not-a-link", StringComparison.Ordinal) || target.Contains("commented-out", StringComparison.Ordinal));

        // The calendar without end, both ways from where it is entered.
        Assert.Equal(2, first.Skipped[SkipReason.Chain]);
        Assert.Equal(1 + (2 * CrawlLimits.Default.Chain), seen.Count(url => url.Contains("/calendar/", StringComparison.Ordinal)));
        // Redirects: one chain within the limit, one beyond; the loop ends because each URL is visited once.
        Assert.Equal(1, first.Skipped[SkipReason.Redirects]);
        Assert.Single(seen, url => url.EndsWith("/redirect/0", StringComparison.Ordinal));
        Assert.DoesNotContain(seen, url => url.Contains("/loop/", StringComparison.Ordinal));
        // "Not found" with status 200: recognised, and not followed into more of it.
        Assert.Equal(1, first.SoftNotFound);
        Assert.Single(seen, url => url.Contains("/missing/", StringComparison.Ordinal));
        // Slow pages end by their timeout, and are tried once more.
        Assert.InRange(first.Timeouts, 2, 8);
        // Paths that lead ever deeper, and pages that are the same under many names.
        Assert.Equal(1, first.Skipped[SkipReason.Repetition]);
        Assert.True(first.Duplicates >= 4, $"{first.Duplicates} duplicates");
        Assert.True(first.Skipped[SkipReason.Duplicate] > 0);
        Assert.Equal(1, first.SlowDowns);
        Assert.Equal(3, first.Sitemaps);
        Assert.InRange(seen.Count, Ordinary + Orphans, Ordinary + Orphans + 200);

        site.ClearHits();
        site.Revision = 1;
        var changed = 0;
        await foreach (var page in crawler.RunAsync([], Cancel))
            changed += page.Change == PageChange.Changed ? 1 : 0;
        var second = crawler.Statistics!;
        TestContext.Current.TestOutputHelper?.WriteLine($"{second} {string.Join(", ", second.Skipped)}");
        var expected = (Ordinary + Orphans) / 10;
        Assert.Equal(expected, changed);
        Assert.Equal(Ordinary + Orphans - expected, second.NotModified);
        Assert.Equal(site.NotModified, second.NotModified);
    }
}
