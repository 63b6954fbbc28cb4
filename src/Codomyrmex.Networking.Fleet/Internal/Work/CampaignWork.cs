using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Scanning.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>
/// This machine's part in one campaign: it asks for its share again and again, runs the shards that it is given at the rate that it is given, and sends nothing once its lease is over.
/// </summary>
internal sealed class CampaignWork(string campaign, string machine, IGrainFactory grains, FleetSite site, Func<double?> ownShare, TimeProvider clock, ILogger logger)
{
    private const int RunsAtOnce = 2;
    private const int MostRuns = 8;

    private readonly LeasedPace _pace = new(clock);
    private readonly Lock _lending = new();
    private readonly Dictionary<ShardKey, ShardRun> _runs = [];
    private readonly List<ShardProgress> _ended = [];
    private readonly List<Task> _writing = [];
    private WorkPlan? _plan;
    private string _planKey = "";
    private long _sequence;
    private long _applied;
    private long _until = long.MinValue;
    private long _takenBefore;
    private long _measuredAt;
    private double _lent;

    /// <summary>Probes a second lately.</summary>
    public double Rate { get; private set; }

    /// <summary>The rate that it may send.</summary>
    public double Lent => IsInTouch() ? Math.Min(_lent, Own) : 0;

    public int Shards => _runs.Count;

    private double Own => ownShare() ?? double.PositiveInfinity;

    /// <summary>Works until the campaign is over or the machine stops.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        _measuredAt = clock.GetTimestamp();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var next = site.Timing.Renewal;
                try
                {
                    var reply = await RenewAsync(isLeaving: false);
                    if (reply.IsOver)
                        return;
                    next = reply.Next;
                }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    logger.NotRenewed(campaign, error);
                }
                await LapseAsync();
                await Task.Delay(next, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            await StopAsync();
        }
    }

    /// <summary>The machine's own share may be another one now.</summary>
    public void Share()
    {
        lock (_lending)
            _pace.Allow(Math.Min(_lent, Own), _until);
    }

    private bool IsInTouch() => clock.GetTimestamp() < Volatile.Read(ref _until);

    private async Task<RenewReply> RenewAsync(bool isLeaving)
    {
        Collect();
        Measure();
        var asked = clock.GetTimestamp();
        var wants = ownShare();
        var request = new RenewRequest
        {
            Machine = machine,
            Name = site.Name,
            Sequence = ++_sequence,
            Applied = _applied,
            Wants = wants,
            HasRoom = _runs.Count < RunsAtOnce || (_runs.Count < MostRuns && double.IsFinite(_lent) && Rate < 0.7 * Lent),
            Shards = [.. _ended, .. _runs.Where(static run => run.Value.Totals != ShardTotals.None).Select(static run => new ShardProgress(run.Key, run.Value.Totals, ""))],
            Rate = Rate,
            IsLeaving = isLeaving,
        };
        var told = _ended.Count;
        var reply = await grains.GetGrain<ICampaignGrain>(campaign).RenewAsync(request).WaitAsync(site.Timing.Call, clock);
        if (reply.Number == 0 && !reply.IsOver)
            return reply;
        _ended.RemoveRange(0, told);
        if (reply.IsOver)
            return reply;
        // Before the new lease hides that the last one was over.
        await LapseAsync();
        await TakePlanAsync(reply.PlanKey);
        await LeaveOthersAsync(reply.Shards);
        lock (_lending)
        {
            // Counted from before it asked: whoever gave the lease counts from later on.
            (_applied, _lent) = (reply.Number, reply.Rate);
            Volatile.Write(ref _until, asked + clock.Ticks(reply.Time));
        }
        Share();
        foreach (var key in reply.Shards)
        {
            if (!_runs.ContainsKey(key))
                _runs[key] = new ShardRun(campaign, key, _plan!, grains.GetGrain<IShardGrain>(key.Of(campaign)), IsInTouch, site.Timing, clock, logger);
        }
        return reply;
    }

    /// <summary>Takes up what has ended.</summary>
    private void Collect()
    {
        foreach (var (key, run) in _runs.Where(static run => run.Value.Work.IsCompleted).ToList())
        {
            _runs.Remove(key);
            if (run.IsFinished)
                _ended.Add(new ShardProgress(key, run.Totals, _planKey));
        }
    }

    private void Measure()
    {
        var now = clock.GetTimestamp();
        var seconds = (double)(now - _measuredAt) / clock.TimestampFrequency;
        if (seconds < 0.4)
            return;
        var taken = _pace.Taken;
        Rate = (taken - _takenBefore) / seconds;
        (_takenBefore, _measuredAt) = (taken, now);
    }

    private async Task TakePlanAsync(string key)
    {
        if (key == _planKey)
            return;
        await StopRunsAsync(static run => run.Stop(), static _ => true);
        var document = await grains.GetGrain<IPlanGrain>(key).ReadAsync().WaitAsync(site.Timing.Call, clock);
        (_plan, _planKey) = (new WorkPlan(document, site, _pace, clock), key);
    }

    private Task LeaveOthersAsync(ShardKey[] own) => StopRunsAsync(static run => run.Stop(), key => !own.Contains(key));

    private async Task LapseAsync()
    {
        if (_runs.Count == 0 || IsInTouch())
            return;
        logger.LeaseOver(campaign);
        _pace.Stop();
        _applied = 0;
        await StopRunsAsync(static run => run.CutOff(), static _ => true);
    }

    private async Task StopRunsAsync(Action<ShardRun> stop, Func<ShardKey, bool> which)
    {
        var chosen = _runs.Where(run => which(run.Key)).ToList();
        foreach (var (_, run) in chosen)
            stop(run);
        foreach (var (key, run) in chosen)
        {
            // Not for what it still writes down: whoever reads the shard too early asks a little again, and that is all.
            await run.Silent;
            _runs.Remove(key);
            _writing.RemoveAll(static work => work.IsCompleted);
            _writing.Add(run.Work);
        }
    }

    private async Task StopAsync()
    {
        lock (_lending)
            _lent = 0;
        Share();
        await StopRunsAsync(static run => run.Stop(), static _ => true);
        await Task.WhenAll(_writing);
        try
        {
            await RenewAsync(isLeaving: true);
        }
        catch (Exception)
        {
            // The lease ends by itself.
        }
    }
}
