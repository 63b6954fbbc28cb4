using System.Buffers;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Joins two connections: what comes from the one goes to the other, each direction to its own end.</summary>
internal static class Pump
{
    public static async Task JoinAsync(Stream one, Action endOne, Stream other, Action endOther, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(CopyAsync(one, other, endOther, cancellationToken), CopyAsync(other, one, endOne, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            await one.DisposeAsync().ConfigureAwait(false);
            await other.DisposeAsync().ConfigureAwait(false);
        }
    }

    public static void End(Stream stream) => (stream as IHalfClosable)?.EndSending();

    private static async Task CopyAsync(Stream from, Stream to, Action endTo, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            endTo();
        }
        catch
        {
            // A connection that broke takes the other along: half of it would wait forever.
            await from.DisposeAsync().ConfigureAwait(false);
            await to.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
