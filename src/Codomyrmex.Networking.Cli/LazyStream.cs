namespace Codomyrmex.Networking.Cli;

/// <summary>A stream to write to that is opened by the first write.</summary>
internal sealed class LazyStream(Func<Stream> open) : Stream
{
    // EPIPE, on Linux and macOS alike.
    private const int BrokenPipe = 32;

    private Stream? _stream;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <exception cref="OutputClosedException">The reader of the pipe has left.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            (_stream ??= open()).Write(buffer);
        }
        catch (IOException error) when (error.HResult == BrokenPipe)
        {
            throw new OutputClosedException(error);
        }
    }

    public override void Flush() => _stream?.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
