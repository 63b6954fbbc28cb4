using System.Buffers;

namespace Codomyrmex.Networking.Sockets;

/// <summary>Joins two connections: what one receives, the other sends, past all framing. For port forwarding and proxies.</summary>
public static class TCPRelay
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>
    /// Passes bytes on in both directions until both peers have ended their sides; the end of one is passed on as an end of that direction alone. Where either
    /// breaks, so does the other, once what the broken one had said before was passed on. No more is read than the other side takes.
    /// </summary>
    /// <remarks>
    /// The limits of both connections hold, also for a direction in which nothing comes: where that is no fault, give them
    /// <see cref="Timeout.InfiniteTimeSpan"/> for the wait for a first byte (<see cref="TCPServerLimits.Idle"/>, <see cref="Timeouts.FirstByte"/>).
    /// </remarks>
    /// <param name="one">One connection.</param>
    /// <param name="other">The other one.</param>
    /// <param name="bytesPerSecond">The rate that each direction is held to; null for any.</param>
    /// <param name="cancellationToken">Ends the relay and breaks both connections.</param>
    /// <returns>The bytes passed on from the first to the second, and back.</returns>
    /// <exception cref="NetworkException">One of the connections broke.</exception>
    public static async Task<(long Forth, long Back)> RunAsync(TCPConnection one, TCPConnection other, int? bytesPerSecond = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond ?? 1, nameof(bytesPerSecond));
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var forth = PassOnAsync(one, other, bytesPerSecond, broken);
        var back = PassOnAsync(other, one, bytesPerSecond, broken);
        try
        {
            // The first to fail says why; the other one fails because of it.
            var first = await Task.WhenAny(forth, back).ConfigureAwait(false);
            if (first.IsFaulted)
                await ((Task)(first == forth ? back : forth)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first.ConfigureAwait(false);
            return (await forth.ConfigureAwait(false), await back.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            if (!forth.IsCompletedSuccessfully || !back.IsCompletedSuccessfully)
            {
                one.Abort();
                other.Abort();
                await ((Task)Task.WhenAll(forth, back)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static async Task<long> PassOnAsync(TCPConnection from, TCPConnection to, int? bytesPerSecond, CancellationTokenSource broken)
    {
        // A shaped direction reads no more than a tenth of a second's share, and so comes evenly.
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var piece = Math.Min(BufferBytes, bytesPerSecond is { } rate ? Math.Max(1, rate / 10) : BufferBytes);
        var (source, target, clock) = (from.AsStream(), to.AsStream(), from.Clock);
        var started = clock.GetTimestamp();
        long passed = 0, total = 0;
        try
        {
            while (await source.ReadAsync(buffer.AsMemory(0, piece), broken.Token).ConfigureAwait(false) is > 0 and var count)
            {
                await target.WriteAsync(buffer.AsMemory(0, count), broken.Token).ConfigureAwait(false);
                passed += count;
                total += count;
                if (bytesPerSecond is not { } limit)
                    continue;
                var early = TimeSpan.FromSeconds((double)passed / limit) - clock.GetElapsedTime(started);
                if (early > TimeSpan.Zero)
                    await Task.Delay(early, clock, broken.Token).ConfigureAwait(false);
                // Time in which nothing came is not saved up for a burst.
                else if (early < TimeSpan.FromSeconds(-1))
                    (started, passed) = (clock.GetTimestamp(), 0);
            }
            await to.EndSendingAsync(broken.Token).ConfigureAwait(false);
            return total;
        }
        catch (Exception error)
        {
            // Who takes nothing more may have said why: that is still passed on, and it comes to its end by itself.
            if (error is not NetworkException || to.MaySend || !to.MayHear)
                await broken.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
