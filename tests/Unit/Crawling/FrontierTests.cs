using System.Text;
using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Http;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>Whose turn it is, with a clock of the test's own: pauses for one host hold up no other.</summary>
public sealed class FrontierTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Frontier _frontier;

    public FrontierTests() => _frontier = Make(Politeness.Off with { Delay = TimeSpan.FromSeconds(10), Concurrency = 2 });

    public void Dispose() => _frontier.Dispose();

    [Fact]
    public async Task Requests_to_one_host_keep_their_distance_and_hosts_take_turns()
    {
        Add("http://a", 2);
        Add("http://b", 2);
        Assert.Equal("http://a/0", (await _frontier.NextAsync())!.Url);
        Assert.Equal("http://b/0", (await _frontier.NextAsync())!.Url);
        var third = _frontier.NextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(third.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal("http://a/1", (await third)!.Url);
        Assert.Equal("http://b/1", (await _frontier.NextAsync())!.Url);
    }

    [Fact]
    public async Task No_more_requests_are_under_way_to_one_host_than_allowed()
    {
        using var frontier = Make(Politeness.Off with { Concurrency = 2 });
        Add("http://a", 3, frontier);
        var first = await frontier.NextAsync();
        await frontier.NextAsync();
        var third = frontier.NextAsync().AsTask();
        Assert.False(third.IsCompleted);
        frontier.Done(first!, isPage: true);
        Assert.Equal("http://a/2", (await third)!.Url);
    }

    [Fact]
    public async Task Before_a_host_has_said_what_it_allows_it_is_asked_one_thing_at_a_time()
    {
        using var frontier = Make(Politeness.Off with { Concurrency = 8 });
        Add("http://a", 3, frontier, isIntroduced: false);
        var first = await frontier.NextAsync();
        var second = frontier.NextAsync().AsTask();
        Assert.False(second.IsCompleted);
        Assert.Equal("http://a/1", Assert.Single(frontier.Introduce(first!.Lane, RobotsFile.Parse("User-agent: *\nDisallow: /1\nCrawl-delay: 30"u8).RulesFor("x"))).Url);
        frontier.Again(first, TimeSpan.Zero);
        Assert.Equal("http://a/0", (await second)!.Url);
        var third = frontier.NextAsync().AsTask();
        frontier.Done(first, isPage: true);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(third.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal("http://a/2", (await third)!.Url);
    }

    [Fact]
    public async Task What_is_found_for_a_host_while_its_rules_are_looked_through_obeys_them_too()
    {
        // So many URLs and rules that looking through them takes a while; nobody else has to wait for it.
        using var frontier = Make(Politeness.Off);
        Add("http://a", 4_000, frontier, isIntroduced: false);
        var first = await frontier.NextAsync();
        var rules = RobotsFile.Parse(Encoding.UTF8.GetBytes("User-agent: *\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"Disallow: /*{i}x\n")) + "Disallow: /late")).RulesFor("x");
        var introduced = Task.Run(() => frontier.Introduce(first!.Lane, rules));
        var others = 0;
        for (; !introduced.IsCompleted; others++)
        {
            Add($"http://b{others}", 1, frontier);
            Assert.StartsWith("http://b", (await frontier.NextAsync())!.Url, StringComparison.Ordinal);
            if (others < 100)
                frontier.Add([new Visit($"http://a/late{others}", (UInt128)(1_000_000 + others), first!.Lane)]);
        }
        Assert.InRange(others, 10, int.MaxValue);
        Assert.Equal(Math.Min(others, 100), (await introduced).Count(visit => visit.Url.StartsWith("http://a/late", StringComparison.Ordinal)));
        Assert.Equal((3_999, 0), frontier.Pending);
        // What waited keeps its order.
        frontier.Done(first!, isPage: true);
        Assert.Equal("http://a/1", (await frontier.NextAsync())!.Url);
    }

    [Fact]
    public async Task A_host_that_asks_to_wait_waits_alone()
    {
        Add("http://a", 2);
        Add("http://b", 1);
        var asked = await _frontier.NextAsync();
        _frontier.Again(asked!, TimeSpan.FromSeconds(120));
        Assert.Equal("http://b/0", (await _frontier.NextAsync())!.Url);
        var again = _frontier.NextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(119));
        Assert.False(again.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Same(asked, await again);
    }

    [Fact]
    public async Task A_host_that_is_given_up_does_not_keep_the_run_from_ending()
    {
        Add("http://a", 3);
        var visit = await _frontier.NextAsync();
        var next = _frontier.NextAsync().AsTask();
        _frontier.Postpone(visit!);
        Assert.Null(await next);
        Assert.Equal((3, 3), _frontier.Pending);
        Assert.False(_frontier.IsExhausted);
    }

    [Fact]
    public async Task A_run_ends_when_nothing_waits_and_nothing_is_under_way()
    {
        Add("http://a", 1);
        var visit = await _frontier.NextAsync();
        var next = _frontier.NextAsync().AsTask();
        Assert.False(next.IsCompleted);
        _frontier.Done(visit!, isPage: true);
        Assert.Null(await next);
        Assert.True(_frontier.IsExhausted);
    }

    [Fact]
    public async Task As_many_pages_are_given_out_as_the_limit_says_and_what_was_none_does_not_count()
    {
        using var frontier = Make(Politeness.Off, CrawlLimits.Default with { Pages = 2 });
        Add("http://a", 5, frontier);
        frontier.Done((await frontier.NextAsync())!, isPage: false);
        frontier.Done((await frontier.NextAsync())!, isPage: true);
        frontier.Done((await frontier.NextAsync())!, isPage: true);
        Assert.Null(await frontier.NextAsync());
        Assert.Equal((2, 0), frontier.Pending);
    }

    [Fact]
    public async Task Stopping_frees_whoever_waits()
    {
        var next = Task.CompletedTask;
        Add("http://a", 2);
        await _frontier.NextAsync();
        next = _frontier.NextAsync().AsTask();
        _frontier.Stop();
        await next;
        Assert.Null(await _frontier.NextAsync());
    }

    private Frontier Make(Politeness politeness, CrawlLimits? limits = null) =>
        new(CrawlerOptions.Default with { Politeness = politeness, Limits = limits ?? CrawlLimits.Default, Http = HTTPProfiles.Scrape with { Clock = _clock } }, new Counters(), new Dice(1));

    private void Add(string origin, int count, Frontier? frontier = null, bool isIntroduced = true)
    {
        frontier ??= _frontier;
        var lane = frontier.LaneOf(origin);
        if (isIntroduced)
            frontier.Introduce(lane, RobotsFile.AllowAll.RulesFor("x"));
        frontier.Add([.. Enumerable.Range(0, count).Select(i => new Visit($"{origin}/{i}", (UInt128)i, lane))]);
    }
}
