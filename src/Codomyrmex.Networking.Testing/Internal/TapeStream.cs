namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Plays the peer of a tape. One reads, one writes.</summary>
internal sealed class TapeStream(TapePiece[] pieces, Func<byte[], byte[]> mask) : Stream
{
    private readonly Lock _lock = new();
    private readonly List<byte> _written = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IOException? _mismatch;
    private int _next;
    private int _given;
    private bool _isClosed;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_mismatch is not null)
                    throw _mismatch;
                if (_isClosed || _next == pieces.Length)
                    return 0;
                if (!pieces[_next].IsSent)
                    return Give(buffer.Span);
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _written.AddRange(buffer.Span);
            Compare();
            Changed();
            return _mismatch is null ? default : ValueTask.FromException(_mismatch);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is read asynchronously only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is written asynchronously only.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _isClosed = true;
            Changed();
        }
        base.Dispose(disposing);
    }

    private int Give(Span<byte> buffer)
    {
        var bytes = pieces[_next].Bytes.AsSpan(_given);
        var count = Math.Min(bytes.Length, buffer.Length);
        bytes[..count].CopyTo(buffer);
        _given += count;
        if (_given == pieces[_next].Bytes.Length)
        {
            (_given, _next) = (0, _next + 1);
            Compare();
        }
        return count;
    }

    // What is sent ahead of its turn waits for it.
    private void Compare()
    {
        while (_mismatch is null && _written.Count > 0)
        {
            if (_next < pieces.Length && !pieces[_next].IsSent)
                return;
            var expected = _next < pieces.Length ? pieces[_next].Bytes : [];
            byte[] written = [.. _written];
            var masked = mask(written);
            if (expected.Length > 0 && written.AsSpan().StartsWith(expected))
                _written.RemoveRange(0, expected.Length);
            else if (expected.Length > 0 && masked.AsSpan().SequenceEqual(expected))
                _written.Clear();
            else if (expected.AsSpan().StartsWith(written) || (masked.Length < expected.Length && expected.AsSpan().IndexOf("***"u8) >= 0))
                return; // The rest is still to come; of what is masked, only the whole can be compared.
            else
            {
                _mismatch = new IOException($"The tape goes on with '{Shown(expected)}', and '{Shown(masked)}' was sent.");
                return;
            }
            _next++;
        }
    }

    private static string Shown(byte[] bytes) => bytes.Length == 0 ? "nothing" : string.Join("", TapeText.Write([new TapePiece(true, bytes[..Math.Min(bytes.Length, 200)])]).Split('\n')[1..].Select(static line => line.Length > 2 ? line[2..] : ""));

    private void Changed()
    {
        var before = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        before.SetResult();
    }
}
