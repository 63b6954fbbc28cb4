using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>robots.txt as a crawler asks for it (RFC 9309, section 2.3): once, under the policy, and what its status means.</summary>
public class RobotsTests
{
    private static CrawlerOptions For(LoopbackServer server) => Site.For(server) with { UseSitemaps = false, DetectSoftNotFound = false };

    private static LoopbackServer Start(Func<LoopbackExchange, Task> robots) => LoopbackServer.Start()
        .Map("GET", "/", exchange => exchange.RespondAsync(200, "<a href=/a><a href=/b><a href=/c>", "text/html"))
        .Map("GET", "/{page}", exchange => exchange.RespondAsync(200, exchange.Path, "text/html"))
        .Map("GET", "/robots.txt", robots);

    private static async Task<string> PathsAsync(LoopbackServer server, CrawlerOptions? options = null)
    {
        await using var crawler = new Crawler(options ?? For(server));
        return string.Join(' ', (await Site.CrawlAsync(crawler, server.Url.ToString())).Select(page => page.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_is_asked_for_once_and_what_it_forbids_is_not_fetched()
    {
        await using var server = Start(exchange => exchange.RespondAsync(200, "User-agent: *\nDisallow: /b"));
        Assert.Equal("/ /a /c", await PathsAsync(server));
        Assert.Equal("/robots.txt", server.Requests[0].Target);
        Assert.Single(server.Requests, request => request.Target == "/robots.txt");
        Assert.DoesNotContain(server.Requests, request => request.Target == "/b");
    }

    [Fact]
    public async Task It_is_read_for_the_name_of_the_identity()
    {
        await using var server = Start(exchange => exchange.RespondAsync(200, "User-agent: ExampleBot\nDisallow: /a\n\nUser-agent: *\nDisallow: /"));
        var identity = new CrawlIdentity { Name = "ExampleBot", Contact = "https://example.com/bot" };
        Assert.Equal("/ /b /c", await PathsAsync(server, For(server) with { Identity = identity }));
        Assert.All(server.Requests, request => Assert.Equal("ExampleBot/1.0 (+https://example.com/bot)", request.Headers["User-Agent"]));
        Assert.Equal("", await PathsAsync(server));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(410)]
    public async Task Unavailable_allows_everything(int status)
    {
        await using var server = Start(exchange => exchange.RespondAsync(status, "User-agent: *\nDisallow: /"));
        Assert.Equal("/ /a /b /c", await PathsAsync(server));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task Unreachable_allows_nothing_and_leaves_the_host_for_the_next_run(int status)
    {
        await using var server = Start(exchange => exchange.RespondAsync(status, ""));
        await using var crawler = new Crawler(For(server));
        Assert.Empty(await Site.CrawlAsync(crawler, server.Url.ToString()));
        Assert.Equal(1, crawler.Statistics!.Postponed);
        Assert.All(server.Requests, request => Assert.Equal("/robots.txt", request.Target));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_host_that_does_not_answer_is_unreachable()
    {
        await using var server = Start(exchange =>
        {
            exchange.Abort(reset: true);
            return Task.CompletedTask;
        });
        Assert.Equal("", await PathsAsync(server));
    }

    [Theory]
    [InlineData(5, "/ /b /c")]
    [InlineData(6, "/ /a /b /c")]
    public async Task Five_redirects_are_followed_and_more_make_it_unavailable(int redirects, string paths)
    {
        await using var server = Start(exchange => exchange.RespondAsync(302, "", headers: [new("Location", $"/robots/{redirects - 1}")]));
        server.Map("GET", "/robots/{left}", exchange => exchange.RouteValue("left") is "0"
            ? exchange.RespondAsync(200, "User-agent: *\nDisallow: /a")
            : exchange.RespondAsync(302, "", headers: [new("Location", $"/robots/{int.Parse(exchange.RouteValue("left"), System.Globalization.CultureInfo.InvariantCulture) - 1}")]));
        Assert.Equal(paths, await PathsAsync(server));
    }

    [Fact, Trait("Cve", "36")]
    public async Task A_redirect_of_it_to_a_forbidden_address_is_denied_and_allows_nothing()
    {
        await using var server = Start(exchange => exchange.RespondAsync(302, "", headers: [new("Location", "http://169.254.169.254/robots.txt")]));
        Assert.Equal("", await PathsAsync(server));
    }

    [Fact]
    public async Task It_is_read_up_to_500_KiB_however_long_it_is()
    {
        await using var server = Start(async exchange =>
        {
            await using var body = await exchange.StartAsync(200);
            await body.WriteAsync("User-agent: *\nDisallow: /a\n"u8.ToArray(), exchange.Aborted);
            var line = System.Text.Encoding.ASCII.GetBytes(new string('#', 1023) + "\n");
            try
            {
                while (true)
                    await body.WriteAsync(line, exchange.Aborted);
            }
            catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException or ObjectDisposedException)
            {
                exchange.Abort();
            }
        });
        Assert.Equal("/ /b /c", await PathsAsync(server));
    }

    [Fact]
    public async Task Switched_off_it_is_not_asked_for()
    {
        await using var server = Start(exchange => exchange.RespondAsync(200, "User-agent: *\nDisallow: /"));
        Assert.Equal("/ /a /b /c", await PathsAsync(server, For(server) with { Politeness = Politeness.Off }));
        Assert.DoesNotContain(server.Requests, request => request.Target == "/robots.txt");
    }
}
