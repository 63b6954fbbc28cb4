using System.Net;
using Codomyrmex.Networking.Fleet.Internal.Agents;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>An agent's side of its name, by fake time and with a fleet that answers as a test says.</summary>
public sealed class NameLeaseTests
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly SemaphoreSlim _lost = new(0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lease_is_over_by_the_agents_own_clock_counted_from_before_it_asked()
    {
        var fleet = new FakeName();
        await using var lease = Begin(fleet);
        var answer = await fleet.AskedAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        answer.SetResult(new AgentGrant { Number = 7, Time = Time });
        await lease.WaitAsync(TimeSpan.FromMinutes(1), Stop);
        Assert.Equal(7, lease.Number);
        // Nobody answers any more.
        _clock.Advance(TimeSpan.FromSeconds(8.9));
        Assert.True(lease.IsHeld);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal((false, 0), (lease.IsHeld, lease.Number));
        await _lost.WaitAsync(Stop);
    }

    [Fact]
    public async Task Agent_that_lost_its_name_asks_again_and_has_it_again()
    {
        var fleet = new FakeName();
        await using var lease = Begin(fleet);
        (await fleet.AskedAsync()).SetResult(new AgentGrant { Number = 1, Time = Time });
        await lease.WaitAsync(TimeSpan.FromMinutes(1), Stop);
        var next = await AskedAgainAsync(fleet);
        next.SetResult(new AgentGrant { HeldBy = "another" });
        await _lost.WaitAsync(Stop);
        Assert.True(SpinWait.SpinUntil(() => lease is { IsHeld: false, HeldBy: "another" }, TimeSpan.FromSeconds(20)));
        next = await AskedAgainAsync(fleet);
        next.SetResult(new AgentGrant { Number = 3, Time = Time });
        Assert.True(SpinWait.SpinUntil(() => lease.Number == 3, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Name_is_given_back_at_the_end()
    {
        var fleet = new FakeName();
        var lease = Begin(fleet);
        (await fleet.AskedAsync()).SetResult(new AgentGrant { Number = 1, Time = Time });
        await lease.WaitAsync(TimeSpan.FromMinutes(1), Stop);
        await lease.DisposeAsync();
        Assert.Equal((false, "h"), (lease.IsHeld, fleet.Released));
    }

    private NameLease Begin(FakeName fleet) => new(fleet, "x", new AgentClaim { Holder = "h", Machine = "m", Address = "127.0.0.1:1", Pin = "" }, () =>
    {
        _lost.Release();
        return Task.CompletedTask;
    }, new AgentSite { Machine = "m", Address = IPAddress.Loopback, Clock = _clock }, NullLogger.Instance);

    // It waits by the fake clock, and begins to at a time of its own.
    private async Task<TaskCompletionSource<AgentGrant>> AskedAgainAsync(FakeName fleet)
    {
        var asked = fleet.AskedAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!asked.IsCompleted && await timer.WaitForNextTickAsync(Stop))
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        return await asked;
    }

    private sealed class FakeName : IAgentGrain
    {
        private readonly System.Threading.Channels.Channel<TaskCompletionSource<AgentGrant>> _asked = System.Threading.Channels.Channel.CreateUnbounded<TaskCompletionSource<AgentGrant>>();

        public string Released { get; private set; } = "";

        public Task<TaskCompletionSource<AgentGrant>> AskedAsync() => _asked.Reader.ReadAsync(Stop).AsTask();

        public Task<AgentGrant> ClaimAsync(AgentClaim claim)
        {
            var answer = new TaskCompletionSource<AgentGrant>();
            _asked.Writer.TryWrite(answer);
            return answer.Task;
        }

        public Task ReleaseAsync(string holder)
        {
            Released = holder;
            return Task.CompletedTask;
        }

        public Task<AgentReport?> FindAsync() => Task.FromResult<AgentReport?>(null);
    }
}
