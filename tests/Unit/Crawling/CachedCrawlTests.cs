using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>A crawl through the client's cache (RFC 9111): a second one finds the same and asks for less.</summary>
public sealed class CachedCrawlTests : IAsyncDisposable
{
    private readonly LoopbackServer _server = LoopbackServer.Start();

    public CachedCrawlTests()
    {
        Page("/", "<title>home</title><a href=/fresh><a href=/checked><a href=/never>", "max-age=600");
        Page("/fresh", "<title>fresh</title><a href=/checked>", "max-age=600");
        Page("/checked", "<title>checked</title><a href=/fresh>", "no-cache");
        Page("/never", "<title>never</title>", "no-store");

        void Page(string path, string html, string control) => _server.Map("GET", path, exchange => exchange.Headers["If-None-Match"] is not null
            ? exchange.RespondAsync(304, headers: [new("ETag", "\"1\""), new("Cache-Control", control)])
            : exchange.RespondAsync(200, html, "text/html", [new("ETag", "\"1\""), new("Cache-Control", control)]));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Second_crawl_through_a_cache_finds_the_same_and_asks_only_for_what_may_have_changed()
    {
        var options = Site.For(_server) with { UseSitemaps = false, DetectSoftNotFound = false, Politeness = Politeness.Off with { BackOff = TimeSpan.Zero } };
        options = options with { Http = options.Http with { Cache = new HttpCache() } };
        var first = await CrawlAsync(options);
        Assert.Equal(["/ home", "/checked checked", "/fresh fresh", "/never never"], first);
        var before = _server.Requests.Count;
        Assert.Equal(4, before);

        Assert.Equal(first, await CrawlAsync(options));
        Assert.Equal(["/checked \"1\"", "/never "], _server.Requests.Skip(before).Select(static request => $"{request.Path} {request.Headers["If-None-Match"]}").Order());
    }

    private async Task<string[]> CrawlAsync(CrawlerOptions options)
    {
        await using var crawler = new Crawler(options);
        var pages = await Site.CrawlAsync(crawler, _server.Url.ToString());
        Assert.All(pages, static page => Assert.Equal((200, null), (page.Status, page.Error)));
        return [.. pages.Select(static page => $"{page.Path} {page.Title}").Order(StringComparer.Ordinal)];
    }
}
