using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>One stream of an HTTP/2 connection that others use too (RFC 8441). What is written leaves at once; disposing it ends the stream, not the connection.</summary>
internal sealed class TunnelStream(Stream stream, HttpResponseMessage answer, WireRequest wire, SharedHandlers.Lease lease) : DuplexStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => stream.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await stream.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

    public override void Flush() => stream.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
            answer.Dispose();
            wire.Finish();
            wire.Dispose();
            lease.Dispose();
        }
        base.Dispose(disposing);
    }
}
