using System.Buffers;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// Sends the bytes of a file in blocks, many of them under way. A server takes only so many ahead on a channel (OpenSSH 2 MiB), which a long way has under way in a moment: there a second session, with a
/// channel of its own, sends every other block or so. Blocks are taken from the file in their order, and none is begun while one of so many before it is still under way.
/// </summary>
/// <param name="from">The first byte.</param>
/// <param name="size">The file's size.</param>
/// <param name="blockBytes">How much goes in a block.</param>
/// <param name="read">Fills a block from an offset of the file.</param>
/// <param name="advanced">Told how many bytes have been taken by the server.</param>
internal sealed class BlockSender(long from, long size, int blockBytes, Action<Memory<byte>, long> read, Action<long> advanced)
{
    /// <summary>The most blocks under way: what is there of a file that was interrupted is whole but for so many at its end.</summary>
    public const int MostAhead = 64;

    private const int FirstAhead = 8;

    private readonly Lock _lock = new();
    private readonly SortedSet<long> _underWay = [];
    private long _next = from;
    private long _written = from;
    private bool _isSecondSending;
    private bool _isOver;
    private TaskCompletionSource? _moved;

    /// <param name="connection">The session.</param>
    /// <param name="file">The file there.</param>
    /// <param name="openSecond">Opens the file over another session, or not; null where one is enough. That it fails is no error.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task RunAsync(SftpConnection connection, SftpFile file, Func<CancellationToken, Task<SftpFile?>>? openSecond, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var second = openSecond is null ? Task.CompletedTask : SecondAsync(openSecond, stop);
        try
        {
            await LaneAsync(connection, file, stop.Token).ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await second.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Where the other lane failed, this one was only stopped.
            if (second.IsFaulted && !cancellationToken.IsCancellationRequested)
                await second.ConfigureAwait(false);
            throw;
        }
        if (!IsSecondSending(isOver: true))
            await stop.CancelAsync().ConfigureAwait(false);
        await second.ConfigureAwait(false);
    }

    private async Task SecondAsync(Func<CancellationToken, Task<SftpFile?>> open, CancellationTokenSource stop)
    {
        SftpFile? file;
        try
        {
            file = await open(stop.Token).ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is NetworkException or OperationCanceledException)
        {
            return;
        }
        if (file is null)
            return;
        await using (file.FileSystem.ConfigureAwait(false))
        {
            if (!IsSecondSending(isOver: false))
                return;
            try
            {
                await LaneAsync(file.FileSystem.Connection, file, stop.Token).ConfigureAwait(false);
                await file.CloseAsync(stop.Token).ConfigureAwait(false);
            }
            catch (NetworkException)
            {
                // The other lane would wait for blocks that will not arrive.
                await stop.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Whether the second lane has blocks of its own, or may still begin.</summary>
    private bool IsSecondSending(bool isOver)
    {
        lock (_lock)
        {
            _isSecondSending |= !isOver && !_isOver;
            _isOver |= isOver;
            return _isSecondSending;
        }
    }

    private async Task LaneAsync(SftpConnection connection, SftpFile file, CancellationToken cancellationToken)
    {
        var sent = new Queue<(SftpReply Reply, long Offset, int Count)>();
        var ahead = FirstAhead;
        while (true)
        {
            Task? others = null;
            while (sent.Count < ahead && Take(out others) is { } block)
            {
                var reply = await connection.WithinIdleAsync(SendAsync(connection, file, block.Offset, block.Count, cancellationToken), cancellationToken).ConfigureAwait(false);
                sent.Enqueue((reply, block.Offset, block.Count));
            }
            if (sent.TryDequeue(out var oldest))
            {
                await connection.WithinIdleAsync(oldest.Reply.CompletedAsync(), cancellationToken).ConfigureAwait(false);
                file.DemandOk(oldest.Reply, "written");
                connection.Return(oldest.Reply);
                Arrived(oldest.Offset, oldest.Count);
                ahead = Math.Min(ahead + 1, MostAhead);
            }
            else if (others is null)
            {
                return;
            }
            else
            {
                await others.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends a block. Whoever waits for it may leave: its memory is this call's until the last byte is on its way, or never will be.</summary>
    private async Task<SftpReply> SendAsync(SftpConnection connection, SftpFile file, long offset, int count, CancellationToken cancellationToken)
    {
        var block = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            read(block.AsMemory(0, count), offset);
            return await connection.BeginWriteAsync(file.Handle, offset, block.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>The next block; null where there is none left, or where the other lane is too far behind: then what tells of its progress.</summary>
    private (long Offset, int Count)? Take(out Task? others)
    {
        lock (_lock)
        {
            others = null;
            if (_next >= size)
                return null;
            if (_underWay.Count > 0 && _next - _underWay.Min >= (long)MostAhead * blockBytes)
            {
                others = (_moved ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                return null;
            }
            var block = (_next, (int)Math.Min(blockBytes, size - _next));
            _underWay.Add(_next);
            _next += block.Item2;
            return block;
        }
    }

    private void Arrived(long offset, int count)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _underWay.Remove(offset);
            _written += count;
            (waiting, _moved) = (_moved, null);
            advanced(_written);
        }
        waiting?.TrySetResult();
    }
}
