using System.Net.Security;
using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// TLS whose side can be ended while somebody reads asynchronously. The platform lets its TLS engine be entered by a read and by the end of a side at once, and
/// OpenSSL corrupts memory then. Here they take turns: whoever reads leaves the engine to others while it waits for the wire.
/// </summary>
internal sealed class TlsStream : SslStream
{
    private readonly Wire _wire;

    public TlsStream(Stream wire) : this(new Wire(wire))
    {
    }

    private TlsStream(Wire wire) : base(wire, leaveInnerStreamOpen: false) => _wire = wire;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _wire.Turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            _wire.IsShared = true;
            return await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _wire.Turn.Release();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Ends this side (close_notify, RFC 8446, section 6.1). Not beside a write.</summary>
    public override async Task ShutdownAsync()
    {
        await _wire.Turn.WaitAsync().ConfigureAwait(false);
        Task sending;
        try
        {
            sending = base.ShutdownAsync();
        }
        finally
        {
            _wire.Turn.Release();
        }
        await sending.ConfigureAwait(false);
    }

    /// <summary>What lies beneath: whoever reads from it is not in the engine meanwhile.</summary>
    private sealed class Wire(Stream inner) : DuplexStream
    {
        /// <summary>Held by whoever is in the engine.</summary>
        public SemaphoreSlim Turn { get; } = new(1, 1);

        /// <summary>Whether whoever reads holds it: always, once the handshake is over, which needs no turns.</summary>
        public bool IsShared { get; set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            IsShared ? WaitAsync(buffer, cancellationToken) : inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<int> WaitAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            Turn.Release();
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await Turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
