using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, row 33: progress, rate and the time that is left.</summary>
public class ProgressTests
{
    [Fact]
    public void Rate_and_the_time_that_is_left_count_from_the_start()
    {
        var clock = new FakeTimeProvider();
        var (progress, counts) = (new Progress(clock), new ScanCounts());
        Assert.Equal((0, null), (progress.Of(counts, 1, 1000).ProbesPerSecond, progress.Of(counts, 1, 1000).Remaining));
        for (var i = 0; i < 100; i++)
            counts.AddSent(isRepeat: false);
        counts.Add(PortState.Closed, 100);
        clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(0, progress.Of(counts, 1, 1000).ProbesPerSecond);
        clock.Advance(TimeSpan.FromMilliseconds(500) - TimeSpan.FromMicroseconds(1));
        var now = progress.Of(counts, 1, 1000);
        Assert.Equal((200, TimeSpan.FromSeconds(4.5)), (Math.Round(now.ProbesPerSecond), now.Remaining));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, progress.Of(counts, 1, 1000).ProbesPerSecond);
    }
}
