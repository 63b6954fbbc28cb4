using System.Buffers;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// A remote file from an offset to its end, read with requests ahead: few at first, more with each answer, so that a short file costs little and a long way is kept full. For one reader.
/// </summary>
/// <param name="files">The session.</param>
/// <param name="file">The file; closed with the stream.</param>
/// <param name="from">The first byte.</param>
/// <param name="to">The offset behind the last byte wanted; null for the end of the file.</param>
/// <param name="size">How long the file is said to be: beyond that only its end is asked for. Null where that is not known.</param>
internal sealed class SftpReadStream(SftpFileSystem files, SftpFile file, long from, long? to, long? size) : Stream, IBlockSource
{
    private const int MostAhead = 64;
    private const int MostAheadNearby = 8;
    private const int FirstAhead = 4;

    // A server that is so near is kept busy by little, and little stays in the processor's caches until it is written.
    private static readonly TimeSpan Nearby = TimeSpan.FromMilliseconds(2);

    private readonly Queue<Part> _parts = new();
    private readonly int _mostAhead = files.Connection.RoundTrip < Nearby ? MostAheadNearby : MostAhead;
    private long _next = from;
    private int _ahead = FirstAhead;
    private int _taken;
    private byte[]? _lent;
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
        if (buffer.IsEmpty || await ArriveAsync(cancellationToken).ConfigureAwait(false) is not { } part)
            return 0;
        var count = Math.Min(buffer.Length, part.Count - _taken);
        part.Bytes.AsSpan(_taken, count).CopyTo(buffer.Span);
        _taken += count;
        if (_taken == part.Count)
            Finish(part, isLent: false);
        return count;
    }

    /// <summary>The rest of the next part, where it lies.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellationToken)
    {
        if (_lent is { } before)
            ArrayPool<byte>.Shared.Return(before);
        _lent = null;
        if (await ArriveAsync(cancellationToken).ConfigureAwait(false) is not { } part)
            return default;
        _lent = part.Bytes;
        var block = part.Bytes.AsMemory(_taken, part.Count - _taken);
        Finish(part, isLent: true);
        return block;
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

    /// <summary>The next part, once it is there; null at the end.</summary>
    private async ValueTask<Part?> ArriveAsync(CancellationToken cancellationToken)
    {
        if (_hasEnded)
            return null;
        // From here on only the wait is cancelled: what was asked for stays asked for, and whoever reads again finds it.
        cancellationToken.ThrowIfCancellationRequested();
        AskAhead();
        if (_parts.Count == 0)
            return null;
        var part = _parts.Peek();
        if (part.Count < 0)
        {
            part.Count = await files.Connection.WithinIdleAsync(part.Arrival ??= CountAsync(part), cancellationToken).ConfigureAwait(false);
            if (_ahead < _mostAhead)
                _ahead++;
        }
        // What was asked for behind the end of the file answers the same.
        _hasEnded = part.Count == 0;
        return _hasEnded ? null : part;
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
        var asking = files.Connection.BeginReadAsync(file.Handle, offset, bytes.AsMemory(0, length), CancellationToken.None).AsTask();
        // Nobody may come to it.
        if (!asking.IsCompletedSuccessfully)
            _ = asking.ContinueWith(static asking => asking.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return new Part(offset, length, bytes, asking);
    }

    /// <summary>How many bytes of a part came. Only now, when somebody wants it, does its answer wake anybody.</summary>
    private async Task<int> CountAsync(Part part)
    {
        var reply = await part.Asking.ConfigureAwait(false);
        await reply.Task.ConfigureAwait(false);
        var count = file.ReadCount(reply);
        files.Connection.Return(reply);
        return count;
    }

    /// <summary>A part has been read: the next one's turn, or that of what the server left out of it.</summary>
    private void Finish(Part part, bool isLent)
    {
        _parts.Dequeue();
        _taken = 0;
        if (part.Count == part.Length)
        {
            if (!isLent)
                ArrayPool<byte>.Shared.Return(part.Bytes);
            return;
        }
        var missing = part.Length - part.Count;
        var rest = Ask(part.Offset + part.Count, missing, isLent ? ArrayPool<byte>.Shared.Rent(missing) : part.Bytes);
        var behind = _parts.ToArray();
        _parts.Clear();
        _parts.Enqueue(rest);
        foreach (var later in behind)
            _parts.Enqueue(later);
    }

    private sealed class Part(long offset, int length, byte[] bytes, Task<SftpReply> asking)
    {
        public long Offset => offset;

        public int Length => length;

        public byte[] Bytes => bytes;

        public Task<SftpReply> Asking => asking;

        /// <summary>How many bytes came, once they are there; it goes on whoever waits for it. Null before somebody has.</summary>
        public Task<int>? Arrival { get; set; }

        public int Count { get; set; } = -1;
    }
}
