using System.Net.Sockets;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The careful end of a connection.</summary>
internal static class SocketEnd
{
    /// <summary>Reads on and forgets until the peer ends or breaks off.</summary>
    public static async Task SwallowAsync(Socket socket, CancellationToken stopping)
    {
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, stopping).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Broken off instead of ended: given up all the same.
        }
    }

    /// <summary>
    /// Ends our side, then reads on until the peer ends its own, for a second at most: closing with unread bytes would reset the connection,
    /// and a reset can overtake what was sent, such as an error's answer or a TLS alert.
    /// </summary>
    public static async Task LingerAsync(Socket socket, CancellationToken stopping)
    {
        var buffer = new byte[4096];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, limit.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer is gone already, or takes too long.
        }
    }
}
