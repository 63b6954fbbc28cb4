using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>A connection as a stream of bytes.</summary>
internal sealed class ConnectionStream(TCPConnection connection, Inbox inbox) : DuplexStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inbox.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        connection.Outbox.WriteRawAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken).AsTask();

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        // It throws nothing, and what is left of it needs nobody to wait.
        if (disposing)
            _ = connection.DisposeAsync().AsTask();
        base.Dispose(disposing);
    }
}
