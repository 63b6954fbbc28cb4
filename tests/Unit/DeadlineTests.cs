using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit;

public class DeadlineTests
{
    [Fact]
    public void Remaining_counts_down_to_zero_and_stays_there()
    {
        var clock = new FakeTimeProvider();
        var deadline = Deadline.After(TimeSpan.FromSeconds(3), clock);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(1), deadline.Remaining);
        Assert.False(deadline.IsExpired);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, deadline.Remaining);
        Assert.True(deadline.IsExpired);
    }

    [Fact]
    public void Earlier_takes_the_tighter_of_two_and_none_never_wins()
    {
        var clock = new FakeTimeProvider();
        var one = Deadline.After(TimeSpan.FromSeconds(1), clock);
        var two = Deadline.After(TimeSpan.FromSeconds(2), clock);
        Assert.Equal(one, two.Earlier(one));
        Assert.Equal(one, one.Earlier(Deadline.None));
        Assert.Equal(one, Deadline.None.Earlier(one));
        Assert.Equal(Timeout.InfiniteTimeSpan, Deadline.None.Remaining);
    }

    [Fact]
    public void A_huge_budget_is_no_deadline_instead_of_an_overflow()
    {
        Assert.False(Deadline.After(TimeSpan.MaxValue).IsFinite);
        Assert.False(Deadline.After(Timeout.InfiniteTimeSpan).IsFinite);
        Assert.Throws<ArgumentOutOfRangeException>(() => Deadline.After(TimeSpan.FromSeconds(-1)));
    }
}
