using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Crawling.Internal.Storage;
using Codomyrmex.Networking.Crawling.Protocol;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>One host of a crawl whose other hosts are crawled elsewhere.</summary>
public class HostPartTests
{
    private static readonly UrlIdentity Identity = new(true, []);

    [Fact]
    public async Task What_lies_on_other_hosts_is_written_down_and_not_visited()
    {
        await using var here = Pages("<a href=/b>b</a><a href=http://127.0.0.1:1/x>x</a><a href=http://elsewhere.test/y>y</a>");
        await using var crawler = new Crawler(Site.For(here) with { Scope = new CrawlScope { Hosts = ["elsewhere.test", "127.0.0.1"] }, UseSitemaps = false });
        var host = new Host(here);
        await using var run = crawler.Begin(host.Part(here), Site.Cancel);
        Assert.Equal(["/a", "/b"], await host.VisitAsync(run, 2));
        Assert.Equal(["http://127.0.0.1:1/x", "http://elsewhere.test/y"], host.Elsewhere.Order(StringComparer.Ordinal));
        // It goes on when others have found more, and knows what it has seen.
        run.Offer([host.Url("/b"), host.Url("/c"), host.Url("/closed")]);
        Assert.Equal(["/c"], await host.VisitAsync(run, 1));
        await host.IdleAsync();
        Assert.Equal(["/closed"], host.Forbidden);
        Assert.DoesNotContain(here.Requests, static request => request.Path == "/closed");
    }

    [Fact]
    public async Task Gate_that_is_closed_holds_everything_back_until_it_opens()
    {
        await using var here = Pages("");
        await using var crawler = new Crawler(Site.For(here) with { UseSitemaps = false });
        var host = new Host(here) { IsOpen = false };
        await using var run = crawler.Begin(host.Part(here), Site.Cancel);
        run.Frontier.Wake();
        Assert.Equal(0, here.ConnectionCount);
        host.IsOpen = true;
        run.Frontier.Wake();
        Assert.Equal(["/a"], await host.VisitAsync(run, 1));
        // Of what was let in, robots.txt was no page.
        Assert.Equal((2, 1), (host.Entered, host.Left));
    }

    [Fact]
    public async Task Host_that_was_met_before_is_not_asked_for_its_robots_txt_again()
    {
        await using var here = Pages("<a href=/closed>c</a><a href=/b>b</a>");
        await using var crawler = new Crawler(Site.For(here) with { UseSitemaps = false });
        var first = new Host(here);
        HostMemory memory;
        await using (var run = crawler.Begin(first.Part(here), Site.Cancel))
        {
            Assert.Equal(["/a", "/b"], await first.VisitAsync(run, 2));
            memory = run.Frontier.Remember(run.Frontier.LaneOf(first.Origin));
        }
        Assert.NotNull(memory.Rules);
        var second = new Host(here);
        await using var next = crawler.Begin(second.Part(here) with { Memory = memory, Known = [second.Url("/a") with { Outcome = PageOutcome.Visited }, second.Url("/b")] }, Site.Cancel);
        Assert.Equal(["/b"], await second.VisitAsync(next, 1));
        Assert.Single(here.Requests, static request => request.Path == "/robots.txt");
    }

    [Fact]
    public void Rules_that_were_written_down_say_the_same()
    {
        const string Text = "User-agent: *\nDisallow: /a*b$\nDisallow: /c%2A\nAllow: /c%2A/d\nDisallow: /\u00e4\nDisallow: /*.pdf$\nAllow: /e$f\nDisallow: /e\nCrawl-delay: 2.5";
        var rules = RobotsFile.Parse(System.Text.Encoding.UTF8.GetBytes(Text)).RulesFor("x");
        var again = RobotsRules.FromFile(rules.ToFile());
        Assert.Equal(TimeSpan.FromSeconds(2.5), again.CrawlDelay);
        foreach (var path in (string[])["/", "/axb", "/axbc", "/c*", "/c*/d", "/c%2A/d", "/\u00e4x", "/x.pdf", "/x.pdfx", "/e$f", "/e", "/robots.txt"])
            Assert.Equal((path, rules.Allows(path)), (path, again.Allows(path)));
        Assert.True(RobotsRules.FromFile(RobotsFile.AllowAll.RulesFor("x").ToFile()).Allows("/a"));
        Assert.False(RobotsRules.FromFile(RobotsFile.DenyAll.RulesFor("x").ToFile()).Allows("/a"));
    }

    private static LoopbackServer Pages(string first) => LoopbackServer.Start()
        .Map("GET", "/robots.txt", static exchange => exchange.RespondAsync(200, "User-agent: *\nDisallow: /closed"))
        .Map("GET", "/{page}", static exchange => exchange.RespondAsync(exchange.Path.Length > 10 ? 404 : 200, $"<title>{exchange.Path}</title>", "text/html"))
        .Map("GET", "/a", exchange => exchange.RespondAsync(200, first, "text/html"));

    /// <summary>What a keeper of the host sees.</summary>
    private sealed class Host(LoopbackServer server) : IVisitLog, IVisitGate
    {
        private readonly Lock _lock = new();
        private readonly SemaphoreSlim _changed = new(0);

        public string Origin { get; } = $"http://127.0.0.1:{server.Port}";

        public List<string> Elsewhere { get; } = [];

        public List<string> Forbidden { get; } = [];

        public bool IsOpen { get; set; } = true;

        public int Entered { get; private set; }

        public int Left { get; private set; }

        public HostPart Part(LoopbackServer at) => new($"http://127.0.0.1:{at.Port}", this, this)
        {
            Seeds = [$"{Origin}/a"],
            Known = [],
            Memory = new HostMemory(),
            Changed = () => _changed.Release(),
        };

        public StoredUrl Url(string path) => new(Identity.KeyOf(Origin + path), Origin + path, VisitKind.Page, 1, 0, 0, null, PageOutcome.Waiting);

        public async Task<string[]> VisitAsync(CrawlRun run, int pages)
        {
            var visited = new List<string>();
            await foreach (var page in run.Pages)
            {
                visited.Add(page.Url[Origin.Length..]);
                run.Close(page);
                if (visited.Count == pages)
                    break;
            }
            return [.. visited];
        }

        /// <summary>Waits until a URL that waited was found to be forbidden.</summary>
        public async Task IdleAsync()
        {
            while (Forbidden.Count == 0)
                await _changed.WaitAsync(Site.Cancel);
        }

        public StoredPage? Find(UInt128 key) => null;

        public void Add(IReadOnlyList<Visit> found, IReadOnlyList<StoredUrl> leftOut)
        {
            lock (_lock)
                Elsewhere.AddRange(found.Where(visit => visit.Lane.Origin != Origin).Select(static visit => visit.Url));
        }

        public void Forbid(IReadOnlyList<Visit> visits) => Forbidden.AddRange(visits.Select(visit => visit.Url[Origin.Length..]));

        public void Close(Visit visit, PageOutcome outcome, int? status, StoredPage? page, IReadOnlyList<Visit> found, IReadOnlyList<StoredUrl> leftOut) => Add(found, leftOut);

        public bool TryEnter()
        {
            Entered += IsOpen ? 1 : 0;
            return IsOpen;
        }

        public void Leave() => Left++;
    }
}
