using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Happy Eyeballs, version 2 (RFC 8305): tries addresses in an order that alternates families, each a short while after the one
/// before, and keeps the first connection that stands.
/// </summary>
internal static class AddressRace
{
    /// <summary>Alternates families, the first address's family first (RFC 8305, section 4); the last winner goes to the front.</summary>
    public static IReadOnlyList<IPAddress> Order(IReadOnlyList<IPAddress> addresses, IPAddress? lastWinner)
    {
        if (addresses.Count < 2)
            return addresses;
        var first = addresses.Where(a => a.AddressFamily == addresses[0].AddressFamily).ToArray();
        var second = addresses.Where(a => a.AddressFamily != addresses[0].AddressFamily).ToArray();
        var ordered = new List<IPAddress>(addresses.Count);
        for (var i = 0; i < Math.Max(first.Length, second.Length); i++)
        {
            if (i < first.Length)
                ordered.Add(first[i]);
            if (i < second.Length)
                ordered.Add(second[i]);
        }
        if (lastWinner is not null && ordered.Remove(lastWinner))
            ordered.Insert(0, lastWinner);
        return ordered;
    }

    /// <summary>Connects to the first address that answers. Throws the failure that got furthest when none does.</summary>
    public static async Task<Stream> RunAsync(
        IReadOnlyList<IPAddress> addresses, TimeSpan stagger, TimeProvider clock, Func<IPAddress, CancellationToken, Task<Stream>> connect, CancellationToken cancellationToken)
    {
        if (addresses.Count == 1)
            return await connect(addresses[0], cancellationToken).ConfigureAwait(false);
        using var losers = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<Stream>>(addresses.Count);
        Exception? furthest = null;
        var next = 0;
        try
        {
            while (true)
            {
                if (next < addresses.Count)
                    running.Add(connect(addresses[next++], losers.Token));
                var finished = await FirstOrStaggerAsync(running, next < addresses.Count ? stagger : Timeout.InfiniteTimeSpan, clock, losers.Token).ConfigureAwait(false);
                if (finished is null)
                    continue;
                running.Remove(finished);
                try
                {
                    return await finished.ConfigureAwait(false);
                }
                catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    if (furthest is null || Reach(error) > Reach(furthest))
                        furthest = error;
                }
                if (running.Count == 0 && next == addresses.Count)
                    throw furthest;
            }
        }
        finally
        {
            await losers.CancelAsync().ConfigureAwait(false);
            foreach (var loser in running)
                _ = DiscardAsync(loser);
        }
    }

    /// <summary>How far a connection got: what was said last tells less than what was said from the inside.</summary>
    private static int Reach(Exception error) => error switch
    {
        NetworkException { Code: ErrorCodes.TcpRefused } => 3,
        NetworkException { Code: ErrorCodes.TimeoutConnect } => 2,
        NetworkException { Code: ErrorCodes.TcpUnreachable } => 1,
        NetworkException network => network.Code.StartsWith("local.", StringComparison.Ordinal) ? 0 : 4,
        OperationCanceledException => 0,
        // A defect of ours is not to be hidden.
        _ => 5,
    };

    private static async Task<Task<Stream>?> FirstOrStaggerAsync(List<Task<Stream>> running, TimeSpan stagger, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (stagger == Timeout.InfiniteTimeSpan)
            return await Task.WhenAny(running).ConfigureAwait(false);
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(stagger, clock, wait.Token);
        var first = await Task.WhenAny([.. running, delay]).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return first == delay ? null : (Task<Stream>)first;
    }

    private static async Task DiscardAsync(Task<Stream> loser)
    {
        try
        {
            await (await loser.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or NetworkException or SocketException or IOException)
        {
            // It lost; how it failed is in the trace.
        }
    }
}
