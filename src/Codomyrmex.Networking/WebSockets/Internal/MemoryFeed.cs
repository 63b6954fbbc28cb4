namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Memory as the source or the sink of the platform's deflate: what it reads is what it was given last, what it writes is kept.</summary>
internal sealed class MemoryFeed : Stream
{
    private byte[] _array = [];
    private int _start;
    private int _end;

    /// <summary>What has been written and not been taken.</summary>
    public ReadOnlyMemory<byte> Written => _array.AsMemory(_start, _end - _start);

    /// <summary>Whether something given has not been read.</summary>
    public bool HasUnread => _end > _start;

    /// <summary>Gives what is to be read. The array is not copied, and must not change before it has been read.</summary>
    public void Give(byte[] array, int offset, int count) => (_array, _start, _end) = (array, offset, offset + count);

    /// <summary>Forgets what has been written, and an array that a large message has left behind.</summary>
    public void Clear(int kept)
    {
        (_start, _end) = (0, 0);
        if (_array.Length > kept)
            _array = [];
    }

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        _array.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_end + buffer.Length > _array.Length)
            Array.Resize(ref _array, Math.Max(Math.Max(512, _array.Length * 2), _end + buffer.Length));
        buffer.CopyTo(_array.AsSpan(_end));
        _end += buffer.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
