namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Lets items out as long as fewer bytes than the caller's window are under way: one that reads slowly slows the method down, and fills no memory.</summary>
internal sealed class CreditGate(int window)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiting;
    private long _underWay;

    /// <summary>Done when an item may leave.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task open;
            lock (_lock)
            {
                if (_underWay < window)
                    return;
                _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                open = _waiting.Task;
            }
            await open.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>An item leaves.</summary>
    public void Spend(int bytes)
    {
        lock (_lock)
            _underWay += bytes;
    }

    /// <summary>The caller has used that much.</summary>
    public void Give(int bytes)
    {
        lock (_lock)
        {
            // Credit for what was never sent would open the gate for good.
            _underWay = Math.Max(0, _underWay - bytes);
            if (_underWay >= window)
                return;
            _waiting?.TrySetResult();
            _waiting = null;
        }
    }
}
