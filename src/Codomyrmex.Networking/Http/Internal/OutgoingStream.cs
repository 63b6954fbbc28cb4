namespace Codomyrmex.Networking.Http.Internal;

/// <summary>The way out for a body: reports how much has passed, and knows whether it was the way that failed, or the body.</summary>
internal sealed class OutgoingStream(Stream inner, IProgress<TransferProgress>? progress, long? total) : WriteOnlyStream
{
    private long _bytes;

    public bool HasFailed { get; private set; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            HasFailed = true;
            throw;
        }
        _bytes += buffer.Length;
        progress?.Report(new TransferProgress(_bytes, total));
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        try
        {
            inner.Write(buffer, offset, count);
        }
        catch
        {
            HasFailed = true;
            throw;
        }
        _bytes += count;
        progress?.Report(new TransferProgress(_bytes, total));
    }

    // The engine flushes when the body is complete.
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
