using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>The pause between two requests to one host: delay, jitter, what robots.txt asks, and what answers teach.</summary>
public class PaceTests
{
    private static readonly Politeness Second = Politeness.Default with { Delay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(10) };

    [Fact]
    public void Jitter_spreads_the_pause_evenly_and_is_the_same_for_the_same_seed()
    {
        var pauses = Pauses(new Pace(Second, new Dice(7)));
        Assert.All(pauses, pause => Assert.InRange(pause, 0.5, 1.5));
        Assert.InRange(pauses.Average(), 0.95, 1.05);
        Assert.Equal(pauses, Pauses(new Pace(Second, new Dice(7))));
        Assert.NotEqual(pauses, Pauses(new Pace(Second, new Dice(8))));
    }

    [Fact]
    public void A_crawl_delay_is_never_undercut_and_leaves_one_request_at_a_time()
    {
        var pace = new Pace(Second, new Dice(7));
        Assert.Equal(2, pace.Concurrency);
        pace.Ask(TimeSpan.FromSeconds(4));
        Assert.All(Pauses(pace), pause => Assert.InRange(pause, 4, 6));
        Assert.Equal(1, pace.Concurrency);
        pace.Ask(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromSeconds(10), pace.Delay);
        pace.Ask(null);
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Delay);
    }

    [Fact]
    public void Slow_answers_lengthen_the_pause_at_once_and_quick_ones_shorten_it_by_and_by()
    {
        var pace = new Pace(Second, new Dice(7));
        pace.Learn(TimeSpan.FromSeconds(5), isGood: true);
        Assert.Equal(TimeSpan.FromSeconds(5), pace.Delay);
        pace.Learn(TimeSpan.FromSeconds(3), isGood: true);
        Assert.Equal(TimeSpan.FromSeconds(4), pace.Delay);
        pace.Learn(TimeSpan.FromMilliseconds(10), isGood: false);
        Assert.Equal(TimeSpan.FromSeconds(4), pace.Delay);
        pace.Learn(TimeSpan.FromSeconds(90), isGood: false);
        Assert.Equal(TimeSpan.FromSeconds(10), pace.Delay);
        for (var i = 0; i < 50; i++)
            pace.Learn(TimeSpan.FromMilliseconds(10), isGood: true);
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Delay);
    }

    [Fact]
    public void A_target_of_two_halves_the_pause()
    {
        var pace = new Pace(Second with { TargetConcurrency = 2 }, new Dice(7));
        pace.Learn(TimeSpan.FromSeconds(8), isGood: true);
        Assert.Equal(TimeSpan.FromSeconds(4), pace.Delay);
    }

    [Fact]
    public void Failures_in_a_row_double_the_wait_up_to_its_limit()
    {
        var pace = new Pace(Second with { BackOff = TimeSpan.FromSeconds(2), MaxRetryAfter = TimeSpan.FromSeconds(20) }, new Dice(7));
        Assert.InRange(pace.BackOff(1).TotalSeconds, 2, 2.5);
        Assert.InRange(pace.BackOff(3).TotalSeconds, 8, 10);
        Assert.InRange(pace.BackOff(100).TotalSeconds, 20, 25);
    }

    private static double[] Pauses(Pace pace) => [.. Enumerable.Range(0, 1_000).Select(_ => pace.Next().TotalSeconds)];
}
