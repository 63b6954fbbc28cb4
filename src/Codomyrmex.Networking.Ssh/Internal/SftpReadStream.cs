using System.Buffers;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// A remote file from an offset to its end, read with requests ahead: few at first, more with each answer, so that a short file costs little and a long way is kept full. For one reader.
/// </summary>
/// <param name="files">The session.</param>
/// <param name="file">The file; closed with the stream.</param>
/// <param name="from">The first byte.</param>
/// <param name="to">The offset behind the last byte wanted; null for the end of the file.</param>
/// <param name="size">How long the file is said to be: beyond that only its end is asked for. Null where that is not known.</param>
internal sealed class SftpReadStream(SftpFileSystem files, SftpFile file, long from, long? to, long? size) : Stream
{
    private const int MostAhead = 64;
    private const int FirstAhead = 4;

    private readonly Queue<Part> _parts = new();
    private long _next = from;
    private int _ahead = FirstAhead;
    private int _taken;
    private bool _hasEnded;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _hasEnded)
            return 0;
        // From here on only the wait is cancelled: what was asked for stays asked for, and whoever reads again finds it.
        cancellationToken.ThrowIfCancellationRequested();
        AskAhead();
        if (_parts.Count == 0)
            return 0;
        var part = _parts.Peek();
        if (part.Count < 0)
        {
            part.Count = await files.Connection.WithinIdleAsync(part.Arrival, cancellationToken).ConfigureAwait(false);
            if (_ahead < MostAhead)
                _ahead++;
        }
        if (part.Count == 0)
        {
            // The end of the file: what was asked for behind it answers the same.
            _hasEnded = true;
            return 0;
        }
        var count = Math.Min(buffer.Length, part.Count - _taken);
        part.Bytes.AsSpan(_taken, count).CopyTo(buffer.Span);
        _taken += count;
        if (_taken == part.Count)
            Finish(part);
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

    public override async ValueTask DisposeAsync()
    {
        // Answers that are still to come write into the arrays of their parts: those are left to the collector.
        await file.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private void AskAhead()
    {
        while (_parts.Count < _ahead && _next < (to ?? long.MaxValue))
        {
            var length = (int)Math.Min(files.Limits.ReadBytes, (to ?? long.MaxValue) - _next);
            if (size is { } said)
            {
                // One question behind the end, on its way with the others: is it the end?
                if (_next > said && _parts.Count > 0)
                    return;
                length = _next >= said ? 1 : (int)Math.Min(length, said - _next);
            }
            _parts.Enqueue(Ask(_next, length, ArrayPool<byte>.Shared.Rent(length)));
            _next += length;
        }
    }

    private Part Ask(long offset, int length, byte[] bytes)
    {
        var arrival = file.FetchAsync(bytes.AsMemory(0, length), offset, CancellationToken.None);
        // Nobody may come to it.
        _ = arrival.ContinueWith(static arrival => arrival.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return new Part(offset, length, bytes, arrival);
    }

    /// <summary>A part has been read: the next one's turn, or that of what the server left out of it.</summary>
    private void Finish(Part part)
    {
        _parts.Dequeue();
        _taken = 0;
        if (part.Count == part.Length)
        {
            ArrayPool<byte>.Shared.Return(part.Bytes);
            return;
        }
        var rest = Ask(part.Offset + part.Count, part.Length - part.Count, part.Bytes);
        var behind = _parts.ToArray();
        _parts.Clear();
        _parts.Enqueue(rest);
        foreach (var later in behind)
            _parts.Enqueue(later);
    }

    private sealed class Part(long offset, int length, byte[] bytes, Task<int> arrival)
    {
        public long Offset => offset;

        public int Length => length;

        public byte[] Bytes => bytes;

        /// <summary>How many bytes came, once they are there; it goes on whoever waits for it.</summary>
        public Task<int> Arrival => arrival;

        public int Count { get; set; } = -1;
    }
}
