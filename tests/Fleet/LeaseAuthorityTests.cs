using Codomyrmex.Networking.Fleet.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>Which of several activations may give leases.</summary>
public sealed class LeaseAuthorityTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly LeaseAuthority _authority;

    public LeaseAuthorityTests() => _authority = new LeaseAuthority(FleetTiming.Default, _clock);

    [Fact]
    public void Leases_are_given_for_as_long_as_it_was_lately_written()
    {
        Assert.Equal((false, true), (_authority.Holds, _authority.IsDue));
        _authority.Extend(_clock.GetTimestamp());
        Assert.Equal((true, false, TimeSpan.FromSeconds(8)), (_authority.Holds, _authority.IsDue, _authority.Left));
        _clock.Advance(TimeSpan.FromSeconds(2.1));
        Assert.True(_authority.IsDue);
        _clock.Advance(TimeSpan.FromSeconds(5.9));
        Assert.False(_authority.Holds);
    }

    [Fact]
    public void New_activation_waits_until_all_leases_of_an_older_one_are_over()
    {
        _authority.Extend(_clock.GetTimestamp());
        _authority.WaitForOthers();
        _clock.Advance(TimeSpan.FromSeconds(7.9));
        _authority.Extend(_clock.GetTimestamp());
        Assert.False(_authority.Holds);
        Assert.Equal(TimeSpan.FromSeconds(1.1), _authority.Waits);
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(_authority.Holds);
    }

    [Fact]
    public void Who_has_lost_gives_no_lease_and_writes_no_more()
    {
        _authority.Extend(_clock.GetTimestamp());
        _authority.Lose();
        _clock.Advance(TimeSpan.FromSeconds(20));
        _authority.Extend(_clock.GetTimestamp());
        Assert.Equal((false, false), (_authority.Holds, _authority.IsDue));
    }
}
