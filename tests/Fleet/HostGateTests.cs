using Codomyrmex.Networking.Fleet.Internal.Work;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>When a host of a crawl may be asked.</summary>
public sealed class HostGateTests
{
    [Fact]
    public void Nothing_more_is_asked_while_too_much_waits_to_be_told_to_others()
    {
        var clock = new FakeTimeProvider();
        var lease = new FetchLease(clock);
        lease.Allow(clock.GetTimestamp() + clock.TimestampFrequency, 10);
        var isFull = true;
        var gate = new HostGate(lease, () => isFull);
        Assert.False(gate.TryEnter());
        Assert.Equal((0, 10), lease.Look(10));
        isFull = false;
        Assert.True(gate.TryEnter());
        Assert.Equal(1, gate.Begun);
    }
}
