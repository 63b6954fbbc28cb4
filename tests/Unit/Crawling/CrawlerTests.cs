using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>A whole small site with all its traps.</summary>
public class CrawlerTests
{
    [Fact]
    public async Task Every_page_is_visited_once_and_every_trap_ends()
    {
        await using var site = CrawlSite.Start(Site.Small);
        await using var crawler = new Crawler(Site.For(site.Server) with { Limits = CrawlLimits.Default with { Chain = 5, Depth = 10 } });
        var pages = await Site.CrawlAsync(crawler, site.Url.ToString());
        foreach (var page in pages)
            TestContext.Current.TestOutputHelper?.WriteLine(page.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(crawler.Statistics!.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", crawler.Statistics!.Skipped));
        Assert.Equal(60, pages.Count(page => page.Path == "/" || page.Path.StartsWith("/p/", StringComparison.Ordinal)));
        Assert.Equal(4, pages.Count(page => page.Path.StartsWith("/o/", StringComparison.Ordinal)));
        Assert.Equal(pages.Count, pages.DistinctBy(page => page.Path).Count());
        Assert.Empty(site.Server.Failures);
    }
}
