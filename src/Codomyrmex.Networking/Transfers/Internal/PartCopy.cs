using System.Buffers;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>Reads from the network into one buffer while the other is written and hashed.</summary>
internal static class PartCopy
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Copies a part into its segment, until either ends.</summary>
    /// <param name="body">The part.</param>
    /// <param name="segment">Where in the file it goes; moves on with every block that is handed to <paramref name="write"/>.</param>
    /// <param name="write">Writes a block at an offset; runs on another thread, one block at a time.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>Whether the part ended; false where the segment did.</returns>
    public static async Task<bool> RunAsync(Stream body, Segment segment, Action<long, ReadOnlyMemory<byte>> write, CancellationToken cancellationToken)
    {
        if (body is IBlockSource source)
            return await RunAsync(source, segment, write, cancellationToken).ConfigureAwait(false);
        var reading = ArrayPool<byte>.Shared.Rent(BufferSize);
        var writing = ArrayPool<byte>.Shared.Rent(BufferSize);
        var written = Task.CompletedTask;
        var waiting = 0;
        try
        {
            while (true)
            {
                var room = segment.Room(waiting, BufferSize - waiting);
                var count = room == 0 ? 0 : await body.ReadAsync(reading.AsMemory(waiting, room), cancellationToken).ConfigureAwait(false);
                waiting += count;
                // As long as the last block is being written, this one may fill up.
                if (count > 0 && waiting < BufferSize && !written.IsCompleted)
                    continue;
                await HandOverAsync().ConfigureAwait(false);
                if (count > 0)
                    continue;
                await written.ConfigureAwait(false);
                return room > 0;
            }
        }
        catch (Exception error) when (error is not NetworkException { Code: ErrorCodes.LocalIo })
        {
            // What came before the connection broke counts.
            await HandOverAsync().ConfigureAwait(false);
            await written.ConfigureAwait(false);
            throw;
        }
        finally
        {
            // The buffer belongs to whoever writes it until that is done, whatever happened here.
            await written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(reading);
            ArrayPool<byte>.Shared.Return(writing);
        }

        async Task HandOverAsync()
        {
            await written.ConfigureAwait(false);
            var (offset, count) = segment.Take(waiting);
            waiting = 0;
            if (count == 0)
                return;
            (reading, writing) = (writing, reading);
            var block = writing.AsMemory(0, count);
            written = Task.Run(() => write(offset, block), CancellationToken.None);
        }
    }

    private static async Task<bool> RunAsync(IBlockSource source, Segment segment, Action<long, ReadOnlyMemory<byte>> write, CancellationToken cancellationToken)
    {
        while (segment.Room(0, 1) > 0)
        {
            var block = await source.NextAsync(cancellationToken).ConfigureAwait(false);
            if (block.IsEmpty)
                return true;
            var (offset, count) = segment.Take(block.Length);
            if (count > 0)
                write(offset, block[..count]);
        }
        return false;
    }
}
