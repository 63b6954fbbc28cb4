using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class PhaseTimerTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Fires_when_the_phase_takes_too_long()
    {
        using var timer = Started(TimeSpan.FromSeconds(100));
        timer.Arm(TimeSpan.FromSeconds(10), ErrorCodes.TimeoutFirstByte);
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(timer.Token.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(timer.Token.IsCancellationRequested);
        Assert.True(timer.HasFired);
        Assert.Equal(ErrorCodes.TimeoutFirstByte, timer.Armed);
    }

    [Fact]
    public void A_later_phase_moves_the_end_away()
    {
        using var timer = Started(TimeSpan.FromSeconds(100));
        for (var i = 0; i < 9; i++)
        {
            timer.Arm(TimeSpan.FromSeconds(10), ErrorCodes.TimeoutIdle);
            _clock.Advance(TimeSpan.FromSeconds(9.5));
            Assert.False(timer.Token.IsCancellationRequested);
        }
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(timer.HasFired);
        Assert.Equal(ErrorCodes.TimeoutIdle, timer.Armed);
    }

    [Fact]
    public void A_shorter_phase_moves_the_end_nearer()
    {
        using var timer = Started(TimeSpan.FromSeconds(100));
        timer.Arm(TimeSpan.FromSeconds(60), ErrorCodes.TimeoutFirstByte);
        timer.Arm(TimeSpan.FromSeconds(1), ErrorCodes.TimeoutIdle);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(timer.HasFired);
        Assert.Equal(ErrorCodes.TimeoutIdle, timer.Armed);
    }

    [Fact]
    public void The_deadline_holds_through_every_phase()
    {
        using var timer = Started(TimeSpan.FromSeconds(15));
        timer.Arm(TimeSpan.FromSeconds(10), ErrorCodes.TimeoutFirstByte);
        _clock.Advance(TimeSpan.FromSeconds(9));
        timer.Arm(TimeSpan.FromSeconds(10), ErrorCodes.TimeoutIdle);
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.True(timer.HasFired);
        Assert.Equal(ErrorCodes.TimeoutTotal, timer.Armed);
    }

    [Fact]
    public void Without_a_deadline_and_a_phase_it_never_fires()
    {
        using var timer = Started(Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromDays(40));
        Assert.False(timer.Token.IsCancellationRequested);
    }

    [Fact]
    public void The_callers_cancellation_is_not_a_timeout()
    {
        using var caller = new CancellationTokenSource();
        using var timer = new PhaseTimer(_clock);
        Start(timer, TimeSpan.FromSeconds(5), caller.Token);
        caller.Cancel();
        Assert.True(timer.Token.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(timer.HasFired);
        Assert.False(timer.TryReset());
    }

    [Fact]
    public void Cancelling_a_read_is_not_a_timeout()
    {
        using var timer = Started(TimeSpan.FromSeconds(5));
        timer.Cancel();
        Assert.True(timer.Token.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(timer.HasFired);
    }

    [Fact]
    public void A_timer_used_again_has_nothing_left_of_the_attempt_before()
    {
        using var timer = new PhaseTimer(TimeProvider.System);
        Start(timer, TimeSpan.FromHours(1));
        timer.Arm(TimeSpan.FromMinutes(30), ErrorCodes.TimeoutFirstByte);
        Assert.True(timer.TryReset());
        Start(timer, TimeSpan.FromMilliseconds(20));
        Assert.True(timer.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        Assert.Equal(ErrorCodes.TimeoutTotal, timer.Armed);
        Assert.False(timer.TryReset());
    }

    [Fact]
    public void An_alarm_left_from_the_attempt_before_does_not_end_the_next()
    {
        using var timer = Started(TimeSpan.FromSeconds(10));
        Assert.True(timer.TryReset());
        Start(timer, TimeSpan.FromSeconds(100));
        _clock.Advance(TimeSpan.FromSeconds(99));
        Assert.False(timer.Token.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(timer.HasFired);
        Assert.False(timer.TryReset());
    }

    [Fact]
    public void A_timer_that_nobody_uses_does_not_fire()
    {
        using var timer = Started(TimeSpan.FromSeconds(10));
        Assert.True(timer.TryReset());
        _clock.Advance(TimeSpan.FromSeconds(1000));
        Assert.False(timer.Token.IsCancellationRequested);
        Start(timer, TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(timer.HasFired);
    }

    [Fact]
    public void A_timer_that_fires_at_its_end_is_not_used_again()
    {
        // Whoever is first: an attempt that is over in time never cancels the next one, one that is not is found out.
        using var timers = new ThreadLocal<PhaseTimer?>();
        Parallel.For(0, 2000, i =>
        {
            var timer = timers.Value ?? new PhaseTimer(TimeProvider.System);
            Start(timer, TimeSpan.FromMilliseconds(1));
            Thread.SpinWait(i * 37 % 20_000);
            if (timer.TryReset())
            {
                Start(timer, TimeSpan.FromHours(1));
                Thread.SpinWait(2000);
                Assert.False(timer.Token.IsCancellationRequested);
                Assert.True(timer.TryReset());
                timers.Value = timer;
                return;
            }
            timer.Dispose();
            timers.Value = null;
        });
    }

    [Fact]
    public void On_the_systems_clock_it_fires_by_itself()
    {
        using var timer = new PhaseTimer(TimeProvider.System);
        Start(timer, TimeSpan.FromMilliseconds(20));
        Assert.True(timer.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        Assert.True(timer.HasFired);
    }

    private PhaseTimer Started(TimeSpan total)
    {
        var timer = new PhaseTimer(_clock);
        Start(timer, total);
        return timer;
    }

    private static void Start(PhaseTimer timer, TimeSpan total, CancellationToken callerToken = default) =>
        timer.Start(timer.Clock.GetTimestamp(), Deadline.After(total, timer.Clock).EndOn(timer.Clock), callerToken);
}
