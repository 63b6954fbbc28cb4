using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Connects once and watches what becomes of it: whether somebody is there, or only something that completes connections.</summary>
internal static class ConnectionTrial
{
    /// <summary>Whether a connection was broken off at once, held without room for data, or neither.</summary>
    /// <param name="remote">Whom to connect to; the egress policy has been asked.</param>
    /// <param name="options">How connections are made.</param>
    /// <param name="patience">How long to watch.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Cancels the trial.</param>
    public static async Task<TrialOutcome> RunAsync(IPEndPoint remote, TransportOptions options, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
        using var limit = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var hasSpoken = false;
        try
        {
            if (options.BindAddress is { } local)
                socket.Bind(new IPEndPoint(local, 0));
            await socket.ConnectAsync(remote, either.Token).ConfigureAwait(false);
            if (await ListenAsync(patience / 2).ConfigureAwait(false) is not { } received)
            {
                // Many servers wait for the client to speak first: a line end, which all protocols of lines can stand.
                hasSpoken = true;
                await socket.SendAsync("\r\n"u8.ToArray(), either.Token).ConfigureAwait(false);
                received = await socket.ReceiveAsync(new byte[1], either.Token).ConfigureAwait(false);
            }
            return received > 0 ? TrialOutcome.Alive : TrialOutcome.Closed;
        }
        catch (SocketException error)
        {
            var isReset = error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown;
            // Who closes without having read what was said resets as well (RFC 1122, section 4.2.2.13).
            return isReset ? hasSpoken ? TrialOutcome.Closed : TrialOutcome.Reset : TrialOutcome.Gone;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return socket.Connected && Libc.IsSupported && HasUnsentData(socket) ? TrialOutcome.Stuck : TrialOutcome.Silent;
        }

        async Task<int?> ListenAsync(TimeSpan time)
        {
            using var first = new CancellationTokenSource(time, clock);
            using var any = CancellationTokenSource.CreateLinkedTokenSource(first.Token, either.Token);
            try
            {
                return await socket.ReceiveAsync(new byte[1], any.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!either.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    /// <summary>Whether what was sent has not been taken: the peer keeps its window shut (RFC 9293, section 3.8.6.1).</summary>
    private static bool HasUnsentData(Socket socket)
    {
        // struct tcp_info: segments that are not acknowledged, and bytes that were not even sent.
        const int Unacknowledged = 24;
        const int Unsent = 144;
        var information = new byte[152];
        return socket.GetRawSocketOption(6, 11, information) == information.Length &&
            (BitConverter.ToInt32(information, Unacknowledged) > 0 || BitConverter.ToInt32(information, Unsent) > 0);
    }
}
