using System.Security.Cryptography;
using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>Where a crawl goes, what it takes, and how it treats hosts and sessions.</summary>
public class CrawlBehaviourTests
{
    private static CrawlerOptions For(params LoopbackServer[] servers) => Site.For(servers) with { UseSitemaps = false, DetectSoftNotFound = false, Politeness = Politeness.Off with { BackOff = TimeSpan.Zero } };

    private static async Task<string> PathsAsync(CrawlerOptions options, Uri seed)
    {
        await using var crawler = new Crawler(options);
        return string.Join(' ', (await Site.CrawlAsync(crawler, seed.ToString())).Select(page => page.Path).Order(StringComparer.Ordinal));
    }

    private static LoopbackServer Tree() => LoopbackServer.Start()
        .Map("GET", "/{**path}", exchange => exchange.RespondAsync(200, exchange.Path.Length > 8 ? exchange.Path : $"{exchange.Path}<a href={exchange.Path}a/><a href={exchange.Path}b/>", "text/html"));

    [Fact]
    public async Task Host_that_the_policy_denies_is_skipped_for_that_and_the_statistics_say_why()
    {
        await using var server = LoopbackServer.Start();
        var options = Site.For(server);
        await using var crawler = new Crawler(options with { Http = options.Http with { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } } });
        Assert.Empty(await Site.CrawlAsync(crawler, server.Url.ToString()));
        var statistics = crawler.Statistics!;
        Assert.Equal((0, 1), (statistics.Requests, statistics.Skipped[SkipReason.Policy]));
        Assert.IsType<PolicyException>(statistics.HostFailure);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Depth_pages_and_pages_of_a_host_are_limited()
    {
        await using var server = Tree();
        Assert.Equal("/ /a/ /b/", await PathsAsync(For(server) with { Limits = CrawlLimits.Default with { Depth = 1 } }, server.Url));
        Assert.Equal(5, (await PathsAsync(For(server) with { Limits = CrawlLimits.Default with { Pages = 5 } }, server.Url)).Split(' ').Length);
        Assert.Equal(4, (await PathsAsync(For(server) with { Limits = CrawlLimits.Default with { PagesPerHost = 4 } }, server.Url)).Split(' ').Length);
        Assert.Equal("/", await PathsAsync(For(server) with { Limits = CrawlLimits.Default with { Urls = 1 } }, server.Url));
        Assert.InRange((await PathsAsync(For(server) with { Concurrency = 1, Limits = CrawlLimits.Default with { Bytes = 60 } }, server.Url)).Split(' ').Length, 2, 4);
    }

    [Fact]
    public async Task Paths_are_included_excluded_and_filtered()
    {
        await using var server = Tree();
        Assert.Equal("/ /a/ /a/a/ /a/b/", await PathsAsync(For(server) with { Scope = CrawlScope.SeedOrigins with { Include = ["/a/"], Exclude = ["/*/*/*/"] } }, server.Url));
        Assert.Equal("/ /b/", await PathsAsync(For(server) with { Scope = CrawlScope.SeedOrigins with { Filter = url => url.AbsolutePath == "/b/" } }, server.Url));
    }

    [Fact]
    public async Task Other_hosts_belong_to_it_only_where_the_scope_says_so()
    {
        await using var other = LoopbackServer.Start().Map("GET", "/{**path}", exchange => exchange.RespondAsync(200, "other", "text/html"));
        await using var server = LoopbackServer.Start().Map("GET", "/", exchange => exchange.RespondAsync(200, $"<a href={other.Url}x>", "text/html"));
        Assert.Equal("/", await PathsAsync(For(server, other), server.Url));
        Assert.Equal("/ /x", await PathsAsync(For(server, other) with { Scope = CrawlScope.Anywhere }, server.Url));
        Assert.Equal("/ /x", await PathsAsync(For(server, other) with { Scope = CrawlScope.SeedOrigins with { Hosts = ["127.0.0.1"] } }, server.Url));
    }

    [Theory, Trait("Cve", "36"), Trait("Cve", "6")]
    [InlineData("<a href=http://169.254.169.254/latest/>")]
    [InlineData("<a href=/redirect>")]
    [InlineData("<a href=http://2852039166/>")]
    [InlineData("<base href=http://169.254.169.254/><a href=x>")]
    [InlineData("<meta http-equiv=refresh content='0;url=http://169.254.169.254/'>")]
    public async Task Whatever_leads_to_a_forbidden_address_is_denied(string html)
    {
        await using var server = LoopbackServer.Start()
            .Map("GET", "/", exchange => exchange.RespondAsync(200, html, "text/html"))
            .Map("GET", "/redirect", exchange => exchange.RespondAsync(302, "", headers: [new("Location", "http://169.254.169.254/")]));
        await using var crawler = new Crawler(For(server) with { Scope = CrawlScope.Anywhere });
        var pages = await Site.CrawlAsync(crawler, server.Url.ToString());
        Assert.Equal(ErrorCodes.PolicyDenied, pages.Single(page => page.Error is not null).Error);
    }

    [Fact]
    public async Task Retry_After_slows_that_host_alone()
    {
        var released = new TaskCompletionSource();
        var isBusy = true;
        await using var busy = LoopbackServer.Start().Map("GET", "/", exchange =>
        {
            if (!Interlocked.Exchange(ref isBusy, false))
                return exchange.RespondAsync(200, "at last", "text/html");
            return exchange.RespondAsync(429, "", headers: [new("Retry-After", "1")]);
        });
        await using var site = CrawlSite.Start(Site.Small with { Traps = false, Orphans = 0 });
        await using var crawler = new Crawler(For(busy, site.Server));
        var order = new List<string>();
        await foreach (var page in crawler.RunAsync([busy.Url.ToString(), site.Url.ToString()], Site.Cancel))
            order.Add(page.Url);
        Assert.Equal(busy.Url.ToString(), order[^1]);
        Assert.Equal(61, order.Count);
        Assert.Equal(1, crawler.Statistics!.SlowDowns);
        Assert.InRange(crawler.Statistics.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_host_that_asks_for_a_day_is_left_for_the_next_run()
    {
        await using var server = LoopbackServer.Start().Map("GET", "/{**path}", exchange => exchange.RespondAsync(503, "", headers: [new("Retry-After", "86400")]));
        await using var crawler = new Crawler(For(server));
        Assert.Empty(await Site.CrawlAsync(crawler, server.Url.ToString(), server.Url + "a"));
        Assert.Equal(2, crawler.Statistics!.Postponed);
    }

    [Fact]
    public async Task A_failure_that_may_pass_is_tried_again_and_one_that_does_not_is_told()
    {
        await using var server = LoopbackServer.Start().Map("GET", "/{**path}", exchange => exchange.RespondAsync(200, "fine", "text/html"));
        server.Inject(Fault.Reset() with { Times = 2 });
        await using (var crawler = new Crawler(For(server)))
            Assert.Equal(200, Assert.Single(await Site.CrawlAsync(crawler, server.Url.ToString())).Status);
        server.ClearFaults();
        server.Inject(Fault.Reset());
        await using (var crawler = new Crawler(For(server)))
        {
            Assert.Equal(ErrorCodes.TcpReset, Assert.Single(await Site.CrawlAsync(crawler, server.Url.ToString())).Error);
            Assert.Equal(2, crawler.Statistics!.Retries);
        }
    }

    [Fact]
    public async Task A_session_that_is_blocked_is_retired_with_its_cookies()
    {
        var visitors = 0;
        var uses = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/{**path}", exchange =>
        {
            var visitor = exchange.Headers["Cookie"] ?? $"id={Interlocked.Increment(ref visitors)}";
            // Each visitor may look at three pages.
            return uses.AddOrUpdate(visitor, 1, (_, count) => count + 1) > 3
                ? exchange.RespondAsync(403, "blocked")
                : exchange.RespondAsync(200, $"{exchange.Path}<a href=/1><a href=/2><a href=/3><a href=/4><a href=/5><a href=/6><a href=/7>", "text/html", [new("Set-Cookie", visitor)]);
        });
        await using var crawler = new Crawler(For(server) with
        {
            Concurrency = 1,
            Sessions = new SessionOptions { Count = 2, RetireAfter = 1 },
            Politeness = Politeness.Off with { BackOff = TimeSpan.Zero, Retries = 5 },
        });
        var pages = await Site.CrawlAsync(crawler, server.Url.ToString());
        Assert.Equal(8, pages.Count);
        Assert.All(pages, page => Assert.Equal(200, page.Status));
        Assert.InRange(crawler.Statistics!.RetiredSessions, 1, 4);
    }

    [Fact]
    public async Task A_blocked_session_gets_another_proxy_of_the_pool()
    {
        var blocked = 0;
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/{**path}", exchange => exchange.RespondAsync(Interlocked.Increment(ref blocked) == 2 ? 403 : 200, "<a href=/1>", "text/html"));
        await using var one = LoopbackProxy.Start();
        await using var two = LoopbackProxy.Start();
        var pool = new ProxyPool([.. new[] { one, two }.Select(proxy => ProxyOptions.Parse(proxy.Url()) with { TrustedForEgress = true })]);
        var options = For(server);
        await using var crawler = new Crawler(options with
        {
            Concurrency = 1,
            Sessions = new SessionOptions { Count = 1, RetireAfter = 1 },
            Http = options.Http with { Transport = options.Http.Transport with { Proxies = pool } },
        });
        Assert.Equal(2, (await Site.CrawlAsync(crawler, server.Url.ToString())).Count);
        Assert.Equal(1, crawler.Statistics!.RetiredSessions);
        Assert.Equal([2, 1], pool.GetStatus().Select(status => (int)status.Uses).OrderDescending());
    }

    [Fact]
    public async Task A_signed_identity_is_made_anew_for_each_origin()
    {
        await using var other = LoopbackServer.Start().Map("GET", "/{**path}", exchange => exchange.RespondAsync(200, "other", "text/html"));
        await using var server = LoopbackServer.Start().Map("GET", "/", exchange => exchange.RespondAsync(302, "", headers: [new("Location", other.Url + "x")]));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var crawler = new Crawler(For(server, other) with
        {
            Scope = CrawlScope.Anywhere,
            Identity = new CrawlIdentity
            {
                Name = "ExampleBot",
                Contact = "bot@example.com",
                Signature = new WebBotAuthOptions { Key = MessageSigningKey.Ecdsa(key), SignatureAgent = "https://bot.example" },
            },
        });
        Assert.Equal(1, Assert.Single(await Site.CrawlAsync(crawler, server.Url.ToString())).Redirects);
        var signatures = server.Requests.Concat(other.Requests).Select(request => request.Headers["Signature"]).ToList();
        Assert.Equal(2, signatures.Distinct().Count());
        Assert.All(signatures, signature => Assert.StartsWith("sig", signature, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_tells_its_links_and_can_be_searched()
    {
        await using var server = LoopbackServer.Start().Map("GET", "/", exchange => exchange.RespondAsync(200,
            "<title>T</title><body><h1>One <b>two</b></h1><script>no</script><p>three<ul><li class=x>four<li class=x><a href=/a rel=nofollow>five</a></ul><a href=mailto:x>", "text/html"));
        await using var crawler = new Crawler(For(server) with { Limits = CrawlLimits.Default with { Depth = 0 } });
        await foreach (var page in crawler.RunAsync([server.Url.ToString()], Site.Cancel))
        {
            Assert.Equal(new PageLink($"{server.Url}a", LinkKind.Anchor, true), Assert.Single(page.Links));
            var document = page.Document();
            Assert.Equal("One two\nthree\nfour\nfive", document.Text);
            Assert.Equal(["four", "five"], document.Select("li.x").Select(item => item.Text));
            Assert.Equal("/a", document.SelectFirst("h1 ~ ul")!.Select("a[href]")[0].Attribute("href"));
            Assert.Null(document.SelectFirst("video"));
            Assert.Throws<ArgumentException>(() => document.Select("li["));
        }
    }

    [Fact]
    public async Task Bodies_of_other_types_are_not_read()
    {
        await using var server = LoopbackServer.Start()
            .Map("GET", "/", exchange => exchange.RespondAsync(200, "<a href=/film>", "text/html"))
            .Map("GET", "/film", exchange => exchange.RespondAsync(200, new byte[100_000], "video/mp4"));
        await using var crawler = new Crawler(For(server));
        var sizes = new Dictionary<string, int>();
        await foreach (var page in crawler.RunAsync([server.Url.ToString()], Site.Cancel))
            sizes[new Uri(page.Url).AbsolutePath] = page.Content.Length;
        Assert.Equal(0, sizes["/film"]);
    }

    [Fact]
    public async Task Slow_pages_end_by_their_timeout_and_are_counted()
    {
        await using var server = LoopbackServer.Start().Map("GET", "/", exchange => exchange.StallAsync());
        var options = For(server);
        await using var crawler = new Crawler(options with
        {
            Http = options.Http with { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromMilliseconds(50) } },
            Politeness = options.Politeness with { Retries = 1 },
        });
        Assert.Equal(ErrorCodes.TimeoutFirstByte, Assert.Single(await Site.CrawlAsync(crawler, server.Url.ToString())).Error);
        Assert.Equal(2, crawler.Statistics!.Timeouts);
    }

    [Fact]
    public async Task Cancelling_ends_a_run_and_another_may_begin()
    {
        await using var server = Tree();
        await using var crawler = new Crawler(For(server));
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var page in crawler.RunAsync([server.Url.ToString()], cancel.Token))
            {
                var second = crawler.RunAsync([server.Url.ToString()], Site.Cancel).GetAsyncEnumerator(Site.Cancel);
                await Assert.ThrowsAsync<InvalidOperationException>(async () => await second.MoveNextAsync());
                await cancel.CancelAsync();
            }
        });
        Assert.NotEmpty(await Site.CrawlAsync(crawler, server.Url.ToString()));
    }

    [Theory]
    [InlineData("ftp://example.com/")]
    [InlineData("example.com")]
    [InlineData("http://user:secret@example.com/")]
    public async Task A_seed_is_a_whole_URL_without_a_user(string seed)
    {
        await using var crawler = new Crawler();
        Assert.DoesNotContain("secret", Assert.Throws<ArgumentException>(() => crawler.RunAsync([seed], Site.Cancel)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_settings_name_the_property()
    {
        Wrong("CrawlLimits.Pages", new CrawlerOptions { Limits = CrawlLimits.Default with { Pages = 0 } });
        Wrong("Politeness.Jitter", new CrawlerOptions { Politeness = Politeness.Default with { Jitter = 2 } });
        Wrong("CrawlScope.Include", new CrawlerOptions { Scope = CrawlScope.SeedOrigins with { Include = ["blog"] } });
        Wrong("CrawlIdentity.Name", new CrawlerOptions { Identity = new CrawlIdentity { Name = "a b", Contact = "a@b" } });
        Wrong("CrawlIdentity.Contact", new CrawlerOptions { Identity = new CrawlIdentity { Name = "a", Contact = "nobody" } });
        Wrong("SessionOptions.Count", new CrawlerOptions { Sessions = new SessionOptions { Count = 0 } });
        Wrong("CrawlerOptions.Http", new CrawlerOptions { Http = new HTTPClientOptions { BaseUrl = "http://h/" } });
        Wrong("UrlRules.IgnoredParameters", new CrawlerOptions { Urls = new UrlRules { IgnoredParameters = ["*"] } });
    }

    private static void Wrong(string property, CrawlerOptions options) => Assert.Contains(property, Assert.ThrowsAny<ArgumentException>(() => new Crawler(options)).Message, StringComparison.Ordinal);
}
