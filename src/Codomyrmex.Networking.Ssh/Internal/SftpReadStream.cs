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
        await AskAheadAsync(cancellationToken).ConfigureAwait(false);
        if (_parts.Count == 0)
            return 0;
        var part = _parts.Peek();
        if (part.Count < 0)
        {
            await part.Reply.Task.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            part.Count = file.ReadCount(part.Reply);
            files.Connection.Return(part.Reply);
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
            await FinishAsync(part, cancellationToken).ConfigureAwait(false);
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

    private async ValueTask AskAheadAsync(CancellationToken cancellationToken)
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
            _parts.Enqueue(await AskAsync(_next, length, null, cancellationToken).ConfigureAwait(false));
            _next += length;
        }
    }

    private async ValueTask<Part> AskAsync(long offset, int length, byte[]? bytes, CancellationToken cancellationToken)
    {
        bytes ??= ArrayPool<byte>.Shared.Rent(length);
        return new Part(offset, length, bytes, await files.Connection.BeginReadAsync(file.Handle, offset, bytes.AsMemory(0, length), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>A part has been read: the next one's turn, or that of what the server left out of it.</summary>
    private async ValueTask FinishAsync(Part part, CancellationToken cancellationToken)
    {
        _parts.Dequeue();
        _taken = 0;
        if (part.Count == part.Length)
        {
            ArrayPool<byte>.Shared.Return(part.Bytes);
            return;
        }
        var rest = await AskAsync(part.Offset + part.Count, part.Length - part.Count, part.Bytes, cancellationToken).ConfigureAwait(false);
        var behind = _parts.ToArray();
        _parts.Clear();
        _parts.Enqueue(rest);
        foreach (var later in behind)
            _parts.Enqueue(later);
    }

    private sealed class Part(long offset, int length, byte[] bytes, SftpReply reply)
    {
        public long Offset => offset;

        public int Length => length;

        public byte[] Bytes => bytes;

        public SftpReply Reply => reply;

        public int Count { get; set; } = -1;
    }
}
