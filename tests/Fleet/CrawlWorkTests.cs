using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Fleet.Internal;
using Codomyrmex.Networking.Fleet.Internal.Crawls;
using Codomyrmex.Networking.Fleet.Internal.Work;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>A machine's part in a crawl whose grains the test plays.</summary>
public sealed class CrawlWorkTests
{
    [Fact]
    public async Task What_is_under_way_is_given_up_when_the_lease_is_over_also_where_the_timer_is_early()
    {
        var clock = new EarlyTimers();
        var log = new Log();
        var (begun, never) = (new SemaphoreSlim(0), new TaskCompletionSource<CrawlReply>());
        var asked = 0;
        var plan = CrawlTexts.Of(new CrawlPlan { Seeds = ["http://127.0.0.1/"] });
        var grains = FakeGrains.Of(
            FakeGrains.Make<ICrawlGrain>((_, _) => ++asked > 1 ? never.Task : Task.FromResult(
                new CrawlReply { IsLease = true, Time = FleetTiming.Default.Lease, Hosts = [new HostName(0, "http://127.0.0.1:80")], Pages = 1, Next = FleetTiming.Default.Renewal, Plan = plan })),
            FakeGrains.Make<IHostGrain>((_, _) =>
            {
                begun.Release();
                return new TaskCompletionSource<HostOpening>().Task;
            }));
        var work = new CrawlWork("c-1", "machine", grains, new FleetSite { Name = "here" }, clock, log);
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => work.RunAsync(stop.Token), TestContext.Current.CancellationToken);
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        clock.Advance(FleetTiming.Default.Lease - TimeSpan.FromMilliseconds(1));
        Assert.DoesNotContain("is over", log.Text);
        clock.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Contains("The lease of crawl c-1 is over", log.Text);
        never.SetResult(new CrawlReply { IsOver = true });
        await running;
    }

    /// <summary>Its timers fire a millisecond early.</summary>
    private sealed class EarlyTimers : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(base.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime > TimeSpan.FromMilliseconds(1) ? dueTime - TimeSpan.FromMilliseconds(1) : dueTime, period);

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }

    private sealed class Log : ILogger
    {
        public string Text { get; private set; } = "";

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (this)
                Text += formatter(state, exception) + "\n";
        }
    }
}
