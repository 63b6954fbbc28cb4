namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A write-only stream that reports how much has passed.</summary>
internal sealed class ProgressStream(Stream inner, IProgress<TransferProgress> progress, long? total) : WriteOnlyStream
{
    private long _bytes;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        _bytes += buffer.Length;
        progress.Report(new TransferProgress(_bytes, total));
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        inner.Write(buffer, offset, count);
        _bytes += count;
        progress.Report(new TransferProgress(_bytes, total));
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
}
