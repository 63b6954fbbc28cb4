using Codomyrmex.Networking.Fleet.Internal.Work;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>A machine's leave to ask hosts.</summary>
public sealed class FetchLeaseTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FetchLease _lease;

    public FetchLeaseTests() => _lease = new FetchLease(_clock);

    [Fact]
    public void Nothing_is_begun_before_it_is_lent_nor_after_it_is_over()
    {
        Assert.False(_lease.TryBegin());
        Allow(10);
        Assert.True(_lease.TryBegin());
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(_lease.TryBegin());
        Assert.False(_lease.IsInForce);
    }

    [Fact]
    public void As_many_pages_are_begun_as_were_lent_and_those_that_came_to_nothing_once_more()
    {
        Allow(2);
        Assert.True(_lease.TryBegin());
        Assert.True(_lease.TryBegin());
        Assert.False(_lease.TryBegin());
        _lease.Return();
        Assert.True(_lease.TryBegin());
        Assert.False(_lease.TryBegin());
    }

    [Fact]
    public void Pages_begun_while_it_was_asked_for_are_of_those_that_are_lent()
    {
        Allow(5);
        Assert.True(_lease.TryBegin());
        Assert.Equal((1, 3), _lease.Look(wanted: 3));
        Assert.True(_lease.TryBegin());
        Allow(3);
        Assert.Equal((2, 2), _lease.Look(wanted: 9));
        _lease.Settle(2);
        Assert.Equal((0, 2), _lease.Look(wanted: 9));
    }

    private void Allow(int pages) => _lease.Allow(_clock.GetTimestamp() + (4 * _clock.TimestampFrequency), pages);
}
