using System.Net;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Takes connections here and hands each to whoever joins it with a channel.</summary>
internal static class LocalForward
{
    private const int Backlog = 128;

    public static SSHForward Start(SSHClient client, EndPoint listenOn, Func<WireEnd, CancellationToken, Task> join)
    {
        var listener = Listener.Open(listenOn, Backlog, dualStack: false, SocketTuning.Of(client.Options.Transport));
        var stop = CancellationTokenSource.CreateLinkedTokenSource(client.ConnectionLost);
        var count = new ForwardCount();
        var accepting = AcceptAsync(listener, join, count, client.Options.Clock, stop.Token);
        return new SSHForward(listener.EndPoint, count, async () =>
        {
            await stop.CancelAsync().ConfigureAwait(false);
            listener.Dispose();
            await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
        });
    }

    private static async Task AcceptAsync(Listener listener, Func<WireEnd, CancellationToken, Task> join, ForwardCount count, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    var accepted = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
                    _ = count.RunAsync(async () =>
                    {
                        await using (accepted.Stream.ConfigureAwait(false))
                            await join(accepted, cancellationToken).ConfigureAwait(false);
                    });
                }
                catch (ConnectionException)
                {
                    // Nothing to take now: a peer that left, or no descriptors.
                    await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            listener.Dispose();
        }
    }
}
