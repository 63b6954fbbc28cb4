using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>The engine by itself: many callers at once, and what is left when all of them are gone.</summary>
public class HostLimiterTests
{
    private static readonly Endpoint Host = new("api.test", 80);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_callers_some_of_whom_give_up_never_exceed_the_places_and_leave_none_taken()
    {
        var limiter = new HostLimiter(new HostLimitOptions { Concurrency = 4, QueueLength = 10_000, MaxWait = TimeSpan.FromSeconds(30) }, TimeProvider.System);
        var (now, most, served, gone) = (0, 0, 0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, 4000), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Stop }, async (i, stop) =>
        {
            using var own = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var entering = limiter.EnterAsync(new LimitDemand(Host, i % 7, i % 3, Deadline.None), own.Token);
            if (i % 5 == 0)
                await own.CancelAsync();
            try
            {
                await entering;
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref gone);
                return;
            }
            var inside = Interlocked.Increment(ref now);
            InterlockedMax(ref most, inside);
            await Task.Yield();
            Interlocked.Decrement(ref now);
            Interlocked.Increment(ref served);
            limiter.Answered(i % 7, [], null);
            limiter.Left();
        });
        Assert.InRange(most, 1, 4);
        Assert.Equal(4000, served + gone);
        Assert.True(served >= 3200);
        Assert.Equal(0, limiter.Waiting);
        Assert.True(limiter.IsIdle);
    }

    [Fact]
    public async Task Over_a_long_time_the_rate_is_kept_to_whatever_the_pattern_of_calls()
    {
        var clock = new FakeTimeProvider();
        var limiter = new HostLimiter(new HostLimitOptions { RequestsPerSecond = 7, Burst = 3, MaxWait = TimeSpan.FromHours(1) }, clock);
        var random = new Random(2026);
        var start = clock.GetTimestamp();
        var let = 0;
        var pending = new List<Task>();
        while (clock.GetElapsedTime(start) < TimeSpan.FromMinutes(5))
        {
            for (var i = random.Next(3); i > 0 && pending.Count < 500; i--)
                pending.Add(EnterAsync());
            clock.Advance(TimeSpan.FromMilliseconds(random.Next(1, 400)));
            Assert.True(Volatile.Read(ref let) <= 3 + (clock.GetElapsedTime(start).TotalSeconds * 7) + 1e-6);
            pending.RemoveAll(task => task.IsCompleted);
        }

        async Task EnterAsync()
        {
            await limiter.EnterAsync(new LimitDemand(Host, 0, 0, Deadline.None), Stop);
            Interlocked.Increment(ref let);
            limiter.Answered(0);
        }
    }

    [Fact]
    public void Figures_that_overtake_each_other_leave_the_lower_one()
    {
        var clock = new FakeTimeProvider();
        var quotas = new LearnedQuotas(clock);
        var reset = clock.GetUtcNow().AddSeconds(60);
        RateLimitQuota Left(long count, double offset = 0) => new("requests", RateLimitUnit.Requests, 100, count, reset.AddSeconds(offset));
        quotas.Sent(0);
        quotas.Answered(0);
        quotas.Learn([Left(5)], clock.GetTimestamp());
        quotas.Learn([Left(9, offset: 0.8)], clock.GetTimestamp());
        Assert.Equal(TimeSpan.Zero, quotas.Wait(5, 0, clock.GetTimestamp()));
        Assert.InRange(quotas.Wait(6, 0, clock.GetTimestamp())!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(61));
        // Another window is another story.
        quotas.Learn([Left(9, offset: 30)], clock.GetTimestamp());
        Assert.Equal(TimeSpan.Zero, quotas.Wait(9, 0, clock.GetTimestamp()));
    }

    [Fact]
    public void Window_that_is_over_leaves_its_limit_until_the_first_answer()
    {
        var clock = new FakeTimeProvider();
        var quotas = new LearnedQuotas(clock);
        quotas.Learn([new RateLimitQuota("requests", RateLimitUnit.Requests, 2, 0, clock.GetUtcNow().AddSeconds(5))], clock.GetTimestamp());
        clock.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(TimeSpan.Zero, quotas.Wait(1, 0, clock.GetTimestamp()));
            quotas.Sent(0);
        }
        Assert.Null(quotas.Wait(1, 0, clock.GetTimestamp()));
        quotas.Answered(0);
        quotas.Learn([], clock.GetTimestamp());
        Assert.Equal(TimeSpan.Zero, quotas.Wait(1000, 0, clock.GetTimestamp()));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
