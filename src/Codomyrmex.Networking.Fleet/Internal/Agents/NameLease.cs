using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>An agent's side of its name: asks for it, prolongs it, knows by its own clock when it is over, and asks again.</summary>
internal sealed class NameLease : IAsyncDisposable
{
    // A fleet that has just been started takes its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly IAgentGrain _grain;
    private readonly string _name;
    private readonly AgentClaim _claim;
    private readonly Func<Task> _lost;
    private readonly AgentSite _site;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _end;
    private readonly Task _work;
    private long _until = long.MinValue;
    private long _number;
    private int _isUnderWay;

    /// <param name="grain">The name.</param>
    /// <param name="name">The same as text.</param>
    /// <param name="claim">What is asked.</param>
    /// <param name="lost">Is called when the name was had and is no longer.</param>
    /// <param name="site">Where the agent is.</param>
    /// <param name="logger">Where it logs.</param>
    public NameLease(IAgentGrain grain, string name, AgentClaim claim, Func<Task> lost, AgentSite site, ILogger logger)
    {
        (_grain, _name, _claim, _lost, _site, _logger) = (grain, name, claim, lost, site, logger);
        _end = site.Clock.CreateTimer(static lease => ((NameLease)lease!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _work = Task.Run(RunAsync);
    }

    /// <summary>The machine whose agent has the name instead, as it was told last; empty where nobody has told.</summary>
    public string HeldBy { get; private set; } = "";

    /// <summary>Whether the agent has its name at this moment.</summary>
    public bool IsHeld => _site.Clock.GetTimestamp() < Volatile.Read(ref _until);

    /// <summary>The number under which it has it; 0 where it has not.</summary>
    public long Number => IsHeld ? Volatile.Read(ref _number) : 0;

    /// <summary>Waits until the agent has its name for the first time. With no time at all, the fleet is still asked once.</summary>
    /// <exception cref="TimeoutException">It has not.</exception>
    public async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        await _answered.Task.WaitAsync(time == Timeout.InfiniteTimeSpan || time > Patience ? time : Patience, _site.Clock, cancellationToken).ConfigureAwait(false);
        await _held.Task.WaitAsync(time, _site.Clock, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the name back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        Volatile.Write(ref _until, long.MinValue);
        await _end.DisposeAsync().ConfigureAwait(false);
        try
        {
            await _grain.ReleaseAsync(_claim.Holder).WaitAsync(_site.Timing.Call, _site.Clock).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The lease ends by itself.
        }
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var next = _site.Timing.Poll;
            try
            {
                // Counted from before it asks: whoever gives the lease counts from later on.
                var asked = _site.Clock.GetTimestamp();
                var grant = await _grain.ClaimAsync(_claim).WaitAsync(_site.Timing.Call, _site.Clock, _stop.Token).ConfigureAwait(false);
                if (grant.Number > 0)
                {
                    Hold(grant, asked);
                    next = grant.Time / 4;
                }
                else
                {
                    HeldBy = grant.HeldBy;
                    Volatile.Write(ref _until, long.MinValue);
                }
                _answered.TrySetResult();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                _logger.NameNotRenewed(_name, error);
            }
            Look();
            await Task.Delay(next, _site.Clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Hold(AgentGrant grant, long asked)
    {
        Volatile.Write(ref _number, grant.Number);
        Volatile.Write(ref _until, asked + _site.Clock.Ticks(grant.Time));
        Volatile.Write(ref _isUnderWay, 1);
        var left = grant.Time - _site.Clock.GetElapsedTime(asked);
        // A little later, so that it is over when the timer says so.
        _end.Change((left > TimeSpan.Zero ? left : TimeSpan.Zero) + TimeSpan.FromMilliseconds(20), Timeout.InfiniteTimeSpan);
        _held.TrySetResult();
    }

    private void Look()
    {
        if (IsHeld || Interlocked.Exchange(ref _isUnderWay, 0) == 0)
            return;
        _logger.NameLost(_name);
        _ = _lost();
    }
}
