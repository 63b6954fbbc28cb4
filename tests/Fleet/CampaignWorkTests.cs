using System.Collections.Concurrent;
using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Fleet.Internal;
using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Planning;
using Codomyrmex.Networking.Fleet.Internal.Work;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>A machine's part in a campaign whose grains the test plays.</summary>
public sealed class CampaignWorkTests
{
    private static readonly FleetTiming Timing = new()
    {
        Lease = TimeSpan.FromSeconds(1),
        Renewal = TimeSpan.FromMilliseconds(100),
        Checkpoint = TimeSpan.FromMilliseconds(100),
    };

    private readonly BlockingCollection<ShardCommit> _commits = [];
    private readonly SemaphoreSlim _read = new(0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lease_that_was_over_is_not_forgotten_when_another_one_comes_late()
    {
        var asked = 0;
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = await MakeAsync("127.0.0.1", "1-60000", static () => 100, async request =>
        {
            // The second answer comes when the lease of the first is over, and in time to be heard.
            if (++asked == 2)
                await late.Task;
            return Lend(request, asked);
        });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = Task.Run(() => work.RunAsync(end.Token), Stop);
        await _read.WaitAsync(Stop);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (work.Lent > 0 || asked < 2)
            await timer.WaitForNextTickAsync(Stop);
        late.SetResult();
        // What was silent meanwhile says nothing: the run ends, and another one asks that again.
        Assert.True(await _read.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        await end.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Machine_keeps_its_own_cap_also_where_a_campaign_comes_and_the_first_cannot_be_asked()
    {
        var own = 400.0;
        var asked = 0;
        var never = new TaskCompletionSource();
        var work = await MakeAsync("127.0.0.1", "1-60000", () => own, async request =>
        {
            if (++asked > 3)
                await never.Task;
            return Lend(request, asked, TimeSpan.FromSeconds(30));
        });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = Task.Run(() => work.RunAsync(end.Token), Stop);
        await SentAsync(100);
        own = 20;
        work.Share();
        // What was sent before and is written down later.
        while (_commits.TryTake(out _))
            continue;
        for (var commit = 0; commit < 4; commit++)
            await SentAsync(1);
        var start = TimeProvider.System.GetTimestamp();
        await SentAsync(30);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 1.2, 30);
        await end.CancelAsync();
        never.SetResult();
        await running;
    }

    [Fact]
    public async Task Shard_that_is_refused_as_its_scope_is_over_is_not_done()
    {
        var scope = ScanScope.Of("127.0.0.1") with { Until = DateTimeOffset.UtcNow.AddSeconds(2) };
        var told = new ConcurrentQueue<ShardProgress>();
        var asked = 0;
        var work = await MakeAsync("127.0.0.1", "1-60000", static () => 1000, request =>
        {
            foreach (var shard in request.Shards)
                told.Enqueue(shard);
            return Task.FromResult(Lend(request, ++asked));
        }, scope);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = Task.Run(() => work.RunAsync(end.Token), Stop);
        // It is begun in time, and again when the time is over.
        for (var time = 0; time < 3; time++)
            await _read.WaitAsync(Stop);
        await end.CancelAsync();
        await running;
        Assert.All(told, static shard => Assert.Equal("", shard.FinishedBy));
        Assert.DoesNotContain(_commits, static commit => commit.IsComplete);
        Assert.True(_commits.Sum(static commit => commit.Closed.Length) is > 100 and < 60_000);
    }

    private async Task SentAsync(long probes)
    {
        while (probes > 0)
            probes -= (await Task.Run(() => _commits.Take(Stop), Stop)).Probes;
    }

    private static RenewReply Lend(RenewRequest request, long number, TimeSpan? time = null) => new()
    {
        Number = number,
        Rate = request.Wants ?? double.PositiveInfinity,
        Time = time ?? Timing.Lease,
        PlanKey = "plan",
        Shards = request.IsLeaving ? [] : [new ShardKey(0, 0)],
        Next = Timing.Renewal,
    };

    private async Task<CampaignWork> MakeAsync(string targets, string ports, Func<double?> own, Func<RenewRequest, Task<RenewReply>> renew, ScanScope? scope = null)
    {
        var plan = new CampaignPlan { Targets = targets, Ports = PortSet.Parse(ports), Scope = scope, Mode = ScanMode.Connect, Seed = 7 };
        var document = PlanBuilder.Build(await PlanBuilder.ResolveAsync(PlanWriter.Write(plan), TransportOptions.Default, TimeProvider.System, Stop), null);
        var shard = new ShardDocument();
        var grains = FakeGrains.Of(
            FakeGrains.Make<ICampaignGrain>((_, request) => renew((RenewRequest)request!)),
            FakeGrains.Make<IPlanGrain>((_, _) => Task.FromResult(document)),
            FakeGrains.Make<IShardGrain>((method, commit) =>
            {
                lock (shard)
                {
                    if (method == nameof(IShardGrain.ReadAsync))
                    {
                        _read.Release();
                        return Task.FromResult(new ShardCheckpoint([.. shard.Done], shard.Totals));
                    }
                    shard.Take((ShardCommit)commit!);
                    _commits.Add((ShardCommit)commit!);
                    return Task.FromResult(shard.Totals);
                }
            }));
        return new CampaignWork("campaign", "machine", grains, new FleetSite { Name = "here", Timing = Timing }, own, TimeProvider.System, NullLogger.Instance);
    }
}
