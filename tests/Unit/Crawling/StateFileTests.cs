using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Internal.Storage;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>A crawl that is kept: going on, looking again for what has changed, and files that are none of ours.</summary>
public sealed class StateFileTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    private string File => Path.Combine(_folder.Path, "crawl.db");

    [Fact]
    public async Task A_run_that_was_left_goes_on_and_no_handled_page_is_fetched_twice()
    {
        await using var site = CrawlSite.Start(Site.Small with { Traps = false });
        var handled = new List<string>();
        for (var run = 0; run < 20; run++)
        {
            await using var crawler = new Crawler(Site.For(site.Server) with { StateFile = File, UseSitemaps = false, Concurrency = 4 });
            site.ClearHits();
            var count = 0;
            await foreach (var page in crawler.RunAsync(run == 0 ? [site.Url.ToString()] : [], Site.Cancel))
            {
                Assert.DoesNotContain(page.Url, handled);
                // The page that the loop is left with is handed over again: it was not handled to its end.
                if (++count == 8)
                    break;
                handled.Add(page.Url);
            }
            Assert.DoesNotContain(site.Hits.Keys, path => path != "/" && run > 0 && handled.Take(handled.Count - count).Any(url => new Uri(url).PathAndQuery == path));
            if (count < 8)
                break;
        }
        Assert.Equal(60, handled.Distinct().Count());
        Assert.Equal(60, handled.Count);
    }

    [Fact]
    public async Task A_limit_on_pages_leaves_the_rest_for_the_next_run()
    {
        await using var site = CrawlSite.Start(Site.Small with { Traps = false });
        var paths = new List<string>();
        for (var run = 0; run < 6; run++)
        {
            await using var crawler = new Crawler(Site.For(site.Server) with { StateFile = File, UseSitemaps = false, Limits = CrawlLimits.Default with { Pages = 12 } });
            paths.AddRange((await Site.CrawlAsync(crawler, site.Url.ToString())).Select(page => page.Path));
            Assert.Equal(run < 4, crawler.Statistics!.Pending > 0);
            if (crawler.Statistics.Pending == 0)
                break;
        }
        Assert.Equal(60, paths.Count);
        Assert.Equal(60, paths.Distinct().Count());
    }

    [Fact]
    public async Task A_later_crawl_asks_only_for_what_has_changed()
    {
        await using var site = CrawlSite.Start(Site.Small with { Traps = false });
        var options = Site.For(site.Server) with { StateFile = File, UseSitemaps = false };
        await using (var first = new Crawler(options))
            Assert.All(await Site.CrawlAsync(first, site.Url.ToString()), page => Assert.Equal(PageChange.New, page.Change));

        site.Revision = 1;
        await using var second = new Crawler(options);
        var pages = await Site.CrawlAsync(second, site.Url.ToString());
        Assert.Equal(60, pages.Count);
        Assert.Equal(54, pages.Count(page => page is { Change: PageChange.NotModified, Status: 304 }));
        Assert.All(pages.Where(page => page.Change == PageChange.Changed), page => Assert.EndsWith("3", page.Path, StringComparison.Ordinal));
        Assert.Equal(6, second.Statistics!.Changed);
        Assert.Equal(54, site.NotModified);
    }

    [Fact]
    public async Task Without_validators_the_hash_tells_what_has_changed()
    {
        var text = "the same";
        await using var server = LoopbackServer.Start().Map("GET", "/{**path}", exchange => exchange.RespondAsync(200, $"<a href=/b>b</a>{exchange.Path}{(exchange.Path == "/b" ? text : "")}", "text/html"));
        var options = Site.For(server) with { StateFile = File, UseSitemaps = false, DetectSoftNotFound = false, Politeness = Politeness.Off };
        foreach (var (said, change) in ((string, PageChange)[])[("the same", PageChange.New), ("the same", PageChange.Unchanged), ("another", PageChange.Changed)])
        {
            text = said;
            await using var crawler = new Crawler(options);
            Assert.Equal(change, (await Site.CrawlAsync(crawler, server.Url.ToString())).Single(page => page.Path == "/b").Change);
        }
    }

    [Fact]
    public async Task What_was_gone_is_not_looked_for_again_unless_a_link_leads_there()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.RespondAsync(200, server.Requests.Count < 4 ? "<a href=/gone>" : "changed", "text/html"));
        var options = Site.For(server) with { StateFile = File, UseSitemaps = false, DetectSoftNotFound = false, Politeness = Politeness.Off };
        await using (var crawler = new Crawler(options))
            Assert.Equal(404, (await Site.CrawlAsync(crawler, server.Url.ToString())).Single(page => page.Path == "/gone").Status);
        await using (var crawler = new Crawler(options))
            Assert.Equal(2, (await Site.CrawlAsync(crawler, server.Url.ToString())).Count);
        await using (var crawler = new Crawler(options))
            Assert.Equal(PageChange.Changed, Assert.Single(await Site.CrawlAsync(crawler, server.Url.ToString())).Change);
    }

    [Fact]
    public async Task The_file_is_for_its_owner_alone_and_for_one_process_at_a_time()
    {
        using var first = StateFile.Open(File);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        await using var crawler = new Crawler(new CrawlerOptions { StateFile = File });
        var error = await Assert.ThrowsAsync<NetworkException>(() => Site.CrawlAsync(crawler, "http://127.0.0.1/"));
        Assert.Equal(ErrorCodes.LocalIo, error.Code);
        Assert.Contains("another process has it", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this is no database at all, however long it may be, and was never one in its life")]
    [InlineData("SQLite format 3\0 but not really")]
    public async Task A_file_of_somebody_else_is_refused_and_left_as_it_is(string content)
    {
        await System.IO.File.WriteAllTextAsync(File, content, Site.Cancel);
        Assert.Equal(ErrorCodes.LocalIo, Assert.Throws<NetworkException>(() => StateFile.Open(File)).Code);
        Assert.Equal(content, await System.IO.File.ReadAllTextAsync(File, Site.Cancel));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_that_names_the_file() =>
        Assert.Contains("/nowhere/", Assert.Throws<NetworkException>(() => StateFile.Open(Path.Combine(_folder.Path, "nowhere", "x"))).Message, StringComparison.Ordinal);
}
