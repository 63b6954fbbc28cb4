namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A connection in both directions after an upgrade, beginning with what was read ahead.</summary>
internal sealed class UpgradedStream(ConnectionBuffers io) : WriteOnlyStream
{
    public override bool CanRead => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? new ValueTask<int>(0) : io.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await io.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        await io.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
