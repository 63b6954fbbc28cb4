using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Testing;
using Microsoft.Data.Sqlite;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>A crawl that is kept and reaches further later: what was left out is asked for, and what was visited is not.</summary>
public sealed class WiderCrawlTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly LoopbackServer _other = LoopbackServer.Start();
    private readonly LoopbackServer _server = LoopbackServer.Start();
    private string _robots = "";

    public WiderCrawlTests()
    {
        _other.Map("GET", "/{**path}", exchange => exchange.RespondAsync(200, "other", "text/html"));
        _server.Map("GET", "/robots.txt", exchange => exchange.RespondAsync(200, _robots, "text/plain"));
        _server.Map("GET", "/{**path}", exchange => exchange.Headers["If-None-Match"] is not null
            ? exchange.RespondAsync(304)
            : exchange.RespondAsync(200, exchange.Path switch
            {
                "/" => $"<a href=/a><a href=/private/b><a href={_other.Url}x>",
                "/a" => "<a href=/a/a>",
                "/a/a" => "<a href=/a/a/a>",
                _ => exchange.Path,
            }, "text/html", [new("ETag", "\"1\"")]));
    }

    private string File => Path.Combine(_folder.Path, "crawl.db");

    private CrawlerOptions Options => Site.For(_server, _other) with { StateFile = File, UseSitemaps = false, DetectSoftNotFound = false };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _other.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<(CrawlRunKind Kind, string Paths, CrawlStatistics Statistics)> RunAsync(CrawlerOptions options, params string[] more)
    {
        await using var crawler = new Crawler(options);
        var pages = await Site.CrawlAsync(crawler, [_server.Url.ToString(), .. more]);
        return (crawler.Statistics!.Kind, string.Join(' ', pages.Select(page => page.Path).Order(StringComparer.Ordinal)), crawler.Statistics);
    }

    [Fact]
    public async Task A_wider_scope_asks_only_for_what_it_lets_in_and_the_run_after_it_looks_for_changes()
    {
        var narrow = Options with { Scope = CrawlScope.SeedOrigins with { Exclude = ["/private/"] } };
        var first = await RunAsync(narrow);
        Assert.Equal((CrawlRunKind.First, "/ /a /a/a /a/a/a"), (first.Kind, first.Paths));
        var again = await RunAsync(narrow);
        Assert.Equal((CrawlRunKind.Again, "/ /a /a/a /a/a/a", 4), (again.Kind, again.Paths, again.Statistics.NotModified));

        var paths = await RunAsync(Options);
        Assert.Equal((CrawlRunKind.Widened, "/private/b", 1), (paths.Kind, paths.Paths, paths.Statistics.Admitted));
        var hosts = await RunAsync(Options with { Scope = CrawlScope.Anywhere });
        Assert.Equal((CrawlRunKind.Widened, "/x", 1), (hosts.Kind, hosts.Paths, hosts.Statistics.Admitted));
        var last = await RunAsync(Options with { Scope = CrawlScope.Anywhere });
        Assert.Equal((CrawlRunKind.Again, "/ /a /a/a /a/a/a /private/b /x", 0), (last.Kind, last.Paths, last.Statistics.Admitted));
    }

    [Fact]
    public async Task A_greater_depth_and_another_seed_ask_only_for_what_is_new()
    {
        var shallow = Options with { Limits = CrawlLimits.Default with { Depth = 1 } };
        Assert.Equal("/ /a /private/b", (await RunAsync(shallow)).Paths);
        var deeper = await RunAsync(Options with { Limits = CrawlLimits.Default with { Depth = 2 } });
        Assert.Equal((CrawlRunKind.Widened, "/a/a"), (deeper.Kind, deeper.Paths));
        var whole = await RunAsync(Options);
        Assert.Equal((CrawlRunKind.Widened, "/a/a/a"), (whole.Kind, whole.Paths));
        var seeds = await RunAsync(Options, _other.Url.ToString());
        Assert.Equal((CrawlRunKind.Widened, "/ /x"), (seeds.Kind, seeds.Paths));
        Assert.Equal(CrawlRunKind.Again, (await RunAsync(Options, _other.Url.ToString())).Kind);
    }

    [Fact]
    public async Task A_wider_scope_of_a_crawl_that_was_not_finished_is_part_of_what_goes_on()
    {
        await RunAsync(Options with { Limits = CrawlLimits.Default with { Pages = 1 } });
        var rest = await RunAsync(Options with { Scope = CrawlScope.Anywhere });
        Assert.Equal((CrawlRunKind.Resumed, "/a /a/a /a/a/a /private/b /x", 1), (rest.Kind, rest.Paths, rest.Statistics.Admitted));
    }

    [Fact]
    public async Task What_a_narrower_run_left_waiting_is_visited_alone_by_a_wider_one()
    {
        await RunAsync(Options with { Limits = CrawlLimits.Default with { Pages = 1 } });
        var narrow = await RunAsync(Options with { Scope = CrawlScope.SeedOrigins with { Include = ["/a"] } });
        Assert.Equal((CrawlRunKind.Resumed, "/a /a/a /a/a/a"), (narrow.Kind, narrow.Paths));
        var wide = await RunAsync(Options);
        Assert.Equal((CrawlRunKind.Widened, "/private/b"), (wide.Kind, wide.Paths));
    }

    [Fact]
    public async Task What_robots_txt_forbade_is_found_again_when_it_does_not_though_its_page_is_as_it_was()
    {
        _robots = "User-agent: *\nDisallow: /private/";
        Assert.Equal("/ /a /a/a /a/a/a", (await RunAsync(Options)).Paths);
        _robots = "";
        var again = await RunAsync(Options);
        Assert.Equal((CrawlRunKind.Again, "/ /a /a/a /a/a/a /private/b"), (again.Kind, again.Paths));
    }

    [Fact]
    public async Task A_file_of_the_version_before_is_taken_over_and_its_pages_are_read_anew()
    {
        await RunAsync(Options);
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DELETE FROM pages WHERE state = 5; ALTER TABLE pages DROP COLUMN kind; PRAGMA user_version = 1";
            command.ExecuteNonQuery();
        }
        var again = await RunAsync(Options);
        Assert.Equal((CrawlRunKind.Again, 0, 5), (again.Kind, again.Statistics.NotModified, again.Statistics.Unchanged));
        Assert.Equal("/x", (await RunAsync(Options with { Scope = CrawlScope.Anywhere })).Paths);
    }
}
