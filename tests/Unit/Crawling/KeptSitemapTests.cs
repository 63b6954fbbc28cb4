using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>Sitemaps of a crawl that is kept: read once in it, to their end, and nothing that they name is lost.</summary>
public sealed class KeptSitemapTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly LoopbackServer _server = LoopbackServer.Start();
    private int _sitemapStatus = 200;

    public KeptSitemapTests()
    {
        _server.Map("GET", "/robots.txt", exchange => exchange.RespondAsync(200, "Sitemap: /index.xml", "text/plain"));
        _server.Map("GET", "/index.xml", exchange => exchange.RespondAsync(200, $"<sitemapindex><sitemap><loc>{_server.Url}one.xml</loc></sitemap><sitemap><loc>{_server.Url}two.xml</loc></sitemap></sitemapindex>", "application/xml"));
        _server.Map("GET", "/one.xml", exchange => exchange.RespondAsync(200, Set("a", "b"), "application/xml"));
        _server.Map("GET", "/two.xml", exchange => exchange.RespondAsync(_sitemapStatus, Set("c", "d"), "application/xml"));
        _server.Map("GET", "/{**path}", exchange => exchange.RespondAsync(200, exchange.Path, "text/html"));
    }

    private CrawlerOptions Options => Site.For(_server) with { StateFile = Path.Combine(_folder.Path, "crawl.db"), DetectSoftNotFound = false, Concurrency = 1 };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private string Set(params string[] names) => $"<urlset>{string.Concat(names.Select(name => $"<url><loc>{_server.Url}{name}</loc></url>"))}</urlset>";

    private int Asked(string path) => _server.Requests.Count(request => request.Path == path);

    [Fact]
    public async Task A_run_that_goes_on_does_not_read_them_again_and_visits_all_that_they_name()
    {
        var visited = new List<string>();
        for (var run = 1; run <= 5; run++)
        {
            await using var crawler = new Crawler(Options with { Limits = CrawlLimits.Default with { Pages = 1 } });
            visited.AddRange((await Site.CrawlAsync(crawler, _server.Url.ToString())).Select(page => page.Path));
            Assert.Equal(run > 1 ? CrawlRunKind.Resumed : CrawlRunKind.First, crawler.Statistics!.Kind);
        }
        Assert.Equal(["/", "/a", "/b", "/c", "/d"], visited.Order(StringComparer.Ordinal));
        Assert.Equal((1, 1, 1), (Asked("/index.xml"), Asked("/one.xml"), Asked("/two.xml")));
    }

    [Fact]
    public async Task One_that_could_not_be_had_is_read_by_the_next_run_and_one_of_a_later_crawl_is_read_anew()
    {
        _sitemapStatus = 503;
        await using (var crawler = new Crawler(Options with { Limits = CrawlLimits.Default with { Pages = 2 } }))
            await Site.CrawlAsync(crawler, _server.Url.ToString());
        _sitemapStatus = 200;
        await using (var crawler = new Crawler(Options))
            Assert.Equal(["/b", "/c", "/d"], (await Site.CrawlAsync(crawler)).Select(page => page.Path).Order(StringComparer.Ordinal));
        Assert.Equal((1, 1, 2), (Asked("/index.xml"), Asked("/one.xml"), Asked("/two.xml")));
        await using (var crawler = new Crawler(Options))
        {
            Assert.Equal(5, (await Site.CrawlAsync(crawler)).Count);
            Assert.Equal((CrawlRunKind.Again, 3), (crawler.Statistics!.Kind, crawler.Statistics.Sitemaps));
        }
    }

    [Fact]
    public async Task One_that_never_can_be_had_does_not_keep_later_crawls_from_looking_for_changes()
    {
        _sitemapStatus = 503;
        foreach (var kind in (CrawlRunKind[])[CrawlRunKind.First, CrawlRunKind.Again, CrawlRunKind.Again])
        {
            await using var crawler = new Crawler(Options);
            Assert.Equal(3, (await Site.CrawlAsync(crawler, _server.Url.ToString())).Count);
            Assert.Equal(kind, crawler.Statistics!.Kind);
        }
    }
}
