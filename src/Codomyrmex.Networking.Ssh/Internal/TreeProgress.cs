using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Adds up the progress of many files. How many bytes there are in all is not known while they are found.</summary>
internal sealed class TreeProgress(SftpTransferOptions options, TimeProvider clock)
{
    private readonly ProgressMeter _meter = new(options.Progress, options.ProgressInterval, clock);
    private long _bytes;

    /// <summary>Who is told of one file; null where nobody wants to know.</summary>
    public IProgress<TransferProgress>? NewFile() => options.Progress is null ? null : new OfFile(this);

    /// <summary>The last report, which always comes.</summary>
    public void Finish() => _meter.Finish(Interlocked.Read(ref _bytes), Interlocked.Read(ref _bytes));

    private sealed class OfFile(TreeProgress all) : IProgress<TransferProgress>
    {
        private long _last;

        public void Report(TransferProgress value)
        {
            var total = Interlocked.Add(ref all._bytes, value.Bytes - Interlocked.Exchange(ref _last, value.Bytes));
            all._meter.Report(total, null);
        }
    }
}
