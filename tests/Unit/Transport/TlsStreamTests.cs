using System.Buffers;
using System.Net.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>The engine of TLS is entered by one at a time: whoever reads, or whoever ends this side.</summary>
public sealed class TlsStreamTests : IAsyncDisposable
{
    private static readonly byte[] Word = "word"u8.ToArray();

    private readonly TestCertificateAuthority _authority = new();
    private readonly WatchedWire _wire;
    private readonly TlsStream _tls;
    private readonly SslStream _peer;

    public TlsStreamTests()
    {
        var pair = StreamPair.Create();
        _wire = new WatchedWire(pair.Client);
        _tls = new TlsStream(_wire);
        _peer = new SslStream(pair.Server);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        await _peer.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task Who_ends_its_side_waits_for_who_reads_to_be_out_of_the_engine()
    {
        await HandshakeAsync();
        await _peer.WriteAsync(Word, Stop);
        Task? ending = null;
        var (endedWithin, sentWithin) = (true, true);
        // What was deciphered is copied here from within the read.
        var memory = new WatchedMemory(new byte[Word.Length], () =>
        {
            if (ending is not null)
                return;
            var before = _wire.Writes;
            ending = _tls.ShutdownAsync();
            (endedWithin, sentWithin) = (ending.IsCompleted, _wire.Writes > before);
        });
        Assert.Equal(Word.Length, await _tls.ReadAsync(memory.All, Stop));
        Assert.NotNull(ending);
        Assert.Equal((false, false), (endedWithin, sentWithin));
        await ending;
        Assert.Equal(0, await _peer.ReadAsync(new byte[1], Stop));
    }

    [Fact]
    public async Task Who_reads_waits_for_who_ends_its_side_to_be_out_of_the_engine()
    {
        await HandshakeAsync();
        var arrival = new TaskCompletionSource();
        _wire.BeforeRead = arrival.Task;
        var buffer = new byte[Word.Length];
        var reading = _tls.ReadAsync(buffer, Stop).AsTask();
        await _peer.WriteAsync(Word, Stop);
        var readWithin = true;
        _wire.OnWrite = () =>
        {
            _wire.OnWrite = null;
            // Whoever waits for it goes on here and now, as far as it may.
            arrival.SetResult();
            readWithin = reading.IsCompleted;
        };
        await _tls.ShutdownAsync();
        Assert.False(readWithin);
        Assert.Equal(Word.Length, await reading);
        Assert.Equal(Word, buffer);
        Assert.Equal(0, await _peer.ReadAsync(new byte[1], Stop));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_or_fails_leaves_the_engine_to_others()
    {
        await HandshakeAsync();
        using var cancel = new CancellationTokenSource();
        var reading = _tls.ReadAsync(new byte[1], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await _peer.WriteAsync(Word, Stop);
        Assert.Equal(Word.Length, await _tls.ReadAsync(new byte[100], 0, 100, Stop));
        _wire.BeforeRead = Task.FromException(new IOException("broken"));
        await Assert.ThrowsAsync<IOException>(() => _tls.ReadAsync(new byte[1], Stop).AsTask());
        await _tls.ShutdownAsync();
        Assert.Equal(0, await _peer.ReadAsync(new byte[1], Stop));
    }

    private async Task HandshakeAsync()
    {
        var server = _peer.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _authority.Issue() }, Stop);
        await _tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", RemoteCertificateValidationCallback = static (_, _, _, _) => true }, Stop);
        await server;
        // The tickets that follow the handshake (RFC 8446, section 4.6.1) are read along with this.
        await _peer.WriteAsync("!"u8.ToArray(), Stop);
        await _tls.ReadExactlyAsync(new byte[1], Stop);
    }

    private sealed class WatchedWire(Stream inner) : DuplexStream
    {
        public int Writes { get; private set; }

        public Task BeforeRead { get; set; } = Task.CompletedTask;

        public Action? OnWrite { get; set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await BeforeRead.ConfigureAwait(false);
            return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            OnWrite?.Invoke();
            return inner.WriteAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class WatchedMemory(byte[] bytes, Action onAccess) : MemoryManager<byte>
    {
        /// <summary>Made without a look at it.</summary>
        public Memory<byte> All => CreateMemory(bytes.Length);

        public override Span<byte> GetSpan()
        {
            onAccess();
            return bytes;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
