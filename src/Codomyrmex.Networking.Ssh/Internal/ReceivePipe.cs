using System.IO.Pipelines;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// What came on one stream of a channel, until it is read. It never holds more than the channel's window: room is given back to the server as bytes are read.
/// </summary>
internal sealed class ReceivePipe(SshChannel channel) : Stream
{
    // The window bounds it; the pipe itself must never make the thread that reads from the socket wait.
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: 16 * 1024, useSynchronizationContext: false));
    private readonly Lock _lock = new();
    private int _unread;
    private bool _isReading;
    private bool _isOver;
    private bool _isUnwanted;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Bytes came from the server.</summary>
    public void Add(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (!_isOver && !_isUnwanted)
            {
                System.Buffers.BuffersExtensions.Write(_pipe.Writer, data);
                // Completes at once: nothing makes the writer of this pipe wait.
                _pipe.Writer.FlushAsync().GetAwaiter().GetResult();
                _unread += data.Length;
                return;
            }
        }
        channel.Consumed(data.Length);
    }

    /// <summary>No more will come.</summary>
    public void Complete(Exception? error)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            _isOver = true;
            _pipe.Writer.Complete(error);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
            return 0;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isUnwanted, this);
            _isReading = true;
        }
        var (count, given) = (0, 0);
        try
        {
            var result = await _pipe.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            count = (int)Math.Min(buffer.Length, result.Buffer.Length);
            var taken = result.Buffer.Slice(0, count);
            System.Buffers.BuffersExtensions.CopyTo(taken, buffer.Span);
            _pipe.Reader.AdvanceTo(taken.End);
        }
        finally
        {
            lock (_lock)
            {
                _isReading = false;
                // Whoever has disposed the stream meanwhile has given all of it back, and left the memory to this read.
                if (_isUnwanted)
                    _pipe.Reader.Complete();
                else
                    _unread -= given = count;
            }
        }
        if (given > 0)
            channel.Consumed(given);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Nobody reads it any more: what has come and what comes is thrown away, and the server may go on. A read that waits ends with nothing.</summary>
    protected override void Dispose(bool disposing)
    {
        int unread;
        lock (_lock)
        {
            if (_isUnwanted)
                return;
            _isUnwanted = true;
            (unread, _unread) = (_unread, 0);
            if (_isReading)
                _pipe.Reader.CancelPendingRead();
            else
                _pipe.Reader.Complete();
        }
        if (unread > 0)
            channel.Consumed(unread);
        base.Dispose(disposing);
    }
}
