namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>
/// Standard input whose reads can be given up: the thread that waits in one is left to itself, with a buffer of its own, until the process ends.
/// </summary>
internal sealed class InputStream(Stream input) : Stream
{
    private readonly byte[] _buffer = new byte[32 * 1024];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var most = Math.Min(buffer.Length, _buffer.Length);
        var count = await Task.Run(() => input.Read(_buffer, 0, most), cancellationToken).WaitAsync(cancellationToken);
        _buffer.AsSpan(0, count).CopyTo(buffer.Span);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
