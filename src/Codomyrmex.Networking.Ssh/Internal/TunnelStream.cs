using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>A channel as a connection: what is written goes to its other end, and what comes from there is read. Each direction ends on its own.</summary>
internal sealed class TunnelStream : Stream, IHalfClosable, ILayered, IChannelReader
{
    private readonly SshChannel _channel;
    private readonly ReceivePipe _pipe;

    public TunnelStream(SshChannel channel) => (_channel, _pipe) = (channel, new ReceivePipe(channel));

    public IReadOnlyList<TransportLayer> Layers { get; set; } = [];

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _pipe.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _channel.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public void EndSending() => _ = _channel.EndWritingAsync(CancellationToken.None).AsTask();

    public void Data(ReadOnlySpan<byte> data, bool isError)
    {
        // A connection has no second stream: what comes on one is no part of it.
        if (isError)
            _channel.Consumed(data.Length);
        else
            _pipe.Add(data);
    }

    public void EndOfData() => _pipe.Complete(null);

    public void Request(string name, ReadOnlySpan<byte> data)
    {
    }

    public void Closed(NetworkException? error) => _pipe.Complete(error);

    public override async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ = _channel.DisposeAsync();
            _pipe.Dispose();
        }
        base.Dispose(disposing);
    }
}
