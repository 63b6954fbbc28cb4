namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>How much the peer still takes on a channel (RFC 4254, section 5.2). One taker at a time, any number who give.</summary>
internal sealed class SendWindow
{
    private readonly Lock _lock = new();
    private long _bytes;
    private NetworkException? _end;
    private TaskCompletionSource? _waiting;

    public void Add(uint bytes)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            // Beyond 2^32 - 1 the peer breaks the protocol; more than that is never used here, so it gains nothing by it.
            _bytes = Math.Min(_bytes + bytes, uint.MaxValue);
            (waiting, _waiting) = (_waiting, null);
        }
        waiting?.TrySetResult();
    }

    /// <summary>Whoever waits, and whoever comes, fails.</summary>
    public void End(NetworkException error)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _end ??= error;
            (waiting, _waiting) = (_waiting, null);
        }
        waiting?.TrySetResult();
    }

    /// <summary>Takes up to so many bytes, at least one.</summary>
    public async ValueTask<int> TakeAsync(int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task waiting;
            lock (_lock)
            {
                if (_end is not null)
                    throw _end.Again();
                if (_bytes > 0)
                {
                    var taken = (int)Math.Min(most, _bytes);
                    _bytes -= taken;
                    return taken;
                }
                waiting = (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await waiting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
