namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>Tells how far a transfer is, not too often. Thread-safe; reports come one at a time.</summary>
internal sealed class ProgressMeter(IProgress<TransferProgress>? progress, TimeSpan interval, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private long _last = long.MinValue;

    public void Report(long bytes, long? total)
    {
        if (progress is null)
            return;
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (_last != long.MinValue && clock.GetElapsedTime(_last, now) < interval)
                return;
            _last = now;
            progress.Report(new TransferProgress(bytes, total));
        }
    }

    /// <summary>The last report, which always comes.</summary>
    public void Finish(long bytes, long? total)
    {
        lock (_lock)
            progress?.Report(new TransferProgress(bytes, total));
    }
}
