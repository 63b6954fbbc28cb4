using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Scanning;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>One shard on this machine: from its checkpoint on to its end, or until it is stopped. What it finds is written down every second.</summary>
internal sealed class ShardRun
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _silent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _campaign;
    private readonly ShardKey _key;
    private readonly WorkPlan _plan;
    private readonly IShardGrain _grain;
    private readonly Func<bool> _isInTouch;
    private readonly FleetTiming _timing;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private ShardResults? _results;
    private bool _isCutOff;

    /// <param name="campaign">The campaign.</param>
    /// <param name="key">Which shard of it.</param>
    /// <param name="plan">The plan in force.</param>
    /// <param name="grain">Where it is written down.</param>
    /// <param name="isInTouch">Whether the machine's lease is in force: else it may be cut off, and believes in no silence.</param>
    /// <param name="timing">How often it is written down.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Where it logs.</param>
    public ShardRun(string campaign, ShardKey key, WorkPlan plan, IShardGrain grain, Func<bool> isInTouch, FleetTiming timing, TimeProvider clock, ILogger logger)
    {
        (_campaign, _key, _plan, _grain, _isInTouch, _timing, _clock, _logger) = (campaign, key, plan, grain, isInTouch, timing, clock, logger);
        Work = Task.Run(RunAsync);
    }

    /// <summary>Ends when the run has, and what it found is written down.</summary>
    public Task Work { get; }

    /// <summary>Ends when nothing more is sent.</summary>
    public Task Silent => _silent.Task;

    /// <summary>Where the shard stands, as it is written down.</summary>
    public ShardTotals Totals { get; private set; } = ShardTotals.None;

    /// <summary>Whether nothing is left that the plan asks of the shard, and that is written down.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Stops the scan; what it found is still written down.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Stops the scan as its lease is over.</summary>
    public void CutOff()
    {
        _isCutOff = true;
        _results?.CutOff();
        _stop.Cancel();
    }

    private async Task RunAsync()
    {
        try
        {
            var checkpoint = await _grain.ReadAsync().WaitAsync(_timing.Call, _clock, _stop.Token);
            Totals = checkpoint.Totals;
            IsFinished = Totals.IsComplete;
            if (IsFinished)
                return;
            var shard = _plan.Open(_key);
            var results = new ShardResults(shard.Cells);
            _results = results;
            if (_isCutOff)
                return;
            if (_plan.Scan(shard, checkpoint) is { } scan)
                await ScanAsync(new PortScanner(scan.Options).ScanStreamAsync(scan.Plan, _stop.Token), results, shard);
            else
                IsFinished = true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            _logger.ShardFailed(_campaign, $"{_key.Part}/{_key.Shard}", error);
        }
        finally
        {
            _silent.TrySetResult();
        }
    }

    private async Task ScanAsync(ScanRun run, ShardResults results, ShardScan shard)
    {
        var probes = 0L;
        var isComplete = false;
        using (var timer = new PeriodicTimer(_timing.Checkpoint, _clock))
        {
            var reading = ReadAsync(run, results);
            while (!reading.IsCompleted)
            {
                var tick = timer.WaitForNextTickAsync().AsTask();
                await Task.WhenAny(reading, tick);
                if (!reading.IsCompleted)
                    await TryCommitAsync();
            }
            isComplete = await reading;
        }
        _silent.TrySetResult();
        // What was heard until it was stopped is true. The last word is repeated for a while, since it is all that is left of the run.
        for (var attempt = 0; attempt < 5; attempt++)
        {
            if (await TryCommitAsync())
            {
                IsFinished = isComplete && !_isCutOff;
                return;
            }
            await Task.Delay(_timing.Checkpoint, _clock);
        }

        async Task<bool> TryCommitAsync()
        {
            if (!_isInTouch())
                CutOff();
            var sent = run.Statistics.ProbesSent;
            try
            {
                await CommitAsync(results, shard.Cells.Count, sent - probes, isComplete && shard.IsWhole && !_isCutOff);
                probes = sent;
                return true;
            }
            catch (Exception error)
            {
                _logger.ShardFailed(_campaign, $"{_key.Part}/{_key.Shard}", error);
                return false;
            }
        }
    }

    /// <returns>Whether all was asked.</returns>
    private async Task<bool> ReadAsync(ScanRun run, ShardResults results)
    {
        try
        {
            await foreach (var result in run)
                results.Add(result);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (PolicyException)
        {
            // Nothing of the shard may be asked by this machine: that is all there is to say of it. A scope that is not in force yet, or no longer, may be prolonged.
            return run.Statistics.ProbesSent == 0 && _plan.IsInTime();
        }
    }

    private async Task CommitAsync(ShardResults results, int cells, long probes, bool isComplete)
    {
        var taken = results.Take();
        var commit = ShardResults.CommitOf(taken, cells, probes, isComplete);
        if (commit.IsEmpty && probes == 0)
            return;
        try
        {
            Totals = await _grain.CommitAsync(commit).WaitAsync(_timing.Call, _clock);
        }
        catch
        {
            results.Return(taken);
            throw;
        }
    }
}
