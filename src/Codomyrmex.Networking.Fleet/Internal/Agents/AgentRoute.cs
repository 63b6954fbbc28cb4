using Codomyrmex.Networking.Rpc;

namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>
/// A connection to the agent that has a name, under one number. While an answer is waited for, the fleet is asked whether it still is the one: a machine that is cut off says nothing more,
/// and its callers need not wait for their deadlines.
/// </summary>
internal sealed class AgentRoute : IAsyncDisposable
{
    private readonly IAgentGrain _grain;
    private readonly long _number;
    private readonly AgentSite _site;
    private readonly CancellationTokenSource _over = new();
    private int _waiting;
    private volatile bool _isLeft;

    public AgentRoute(RpcConnection connection, IAgentGrain grain, long number, AgentSite site)
    {
        (Connection, _grain, _number, _site) = (connection, grain, number, site);
        _ = WatchAsync();
    }

    public RpcConnection Connection { get; }

    public bool IsUsable => !Connection.Completion.IsCompleted && !Connection.IsPeerStopping && !_over.IsCancellationRequested;

    /// <summary>Somebody begins to wait for an answer; disposing of what is given ends that.</summary>
    public Wait Enter()
    {
        Interlocked.Increment(ref _waiting);
        return new Wait(this);
    }

    /// <summary>Nobody calls over it any longer. Those who wait for answers may still get them: an agent that is being stopped gives them.</summary>
    public void Leave()
    {
        _isLeft = true;
        EndWhenUnused();
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await Connection.DisposeAsync().ConfigureAwait(false);
    }

    private void EndWhenUnused()
    {
        if (_isLeft && Volatile.Read(ref _waiting) == 0)
            _ = DisposeAsync().AsTask();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_site.Timing.NameWatch, _site.Clock);
        try
        {
            while (!Connection.Completion.IsCompleted && await timer.WaitForNextTickAsync(_over.Token).ConfigureAwait(false))
            {
                if (Volatile.Read(ref _waiting) > 0 && await IsLostAsync().ConfigureAwait(false))
                    await DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody uses it any longer.
        }
    }

    private async Task<bool> IsLostAsync()
    {
        try
        {
            var now = await _grain.FindAsync().WaitAsync(_site.Timing.Call, _site.Clock, _over.Token).ConfigureAwait(false);
            return now is not { IsHeld: true } || now.Number != _number;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // That the fleet does not say tells nothing of the agent.
            return false;
        }
    }

    /// <summary>Somebody waits for an answer.</summary>
    internal readonly struct Wait(AgentRoute route) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref route._waiting);
            route.EndWhenUnused();
        }
    }
}
