using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What came back of a datagram (ICMP, RFC 792 and RFC 4443).</summary>
/// <param name="Peer">To whom it went; null where the system does not say.</param>
/// <param name="Error">What is wrong.</param>
/// <param name="Limit">The path's limit in bytes where it was too large for it.</param>
internal readonly record struct DatagramError(IPEndPoint? Peer, SocketError Error, int Limit)
{
    public NetworkException ToException(NetworkPhase phase = NetworkPhase.Receive, Endpoint? named = null, Exception? cause = null) =>
        // What is told with a receive had left.
        (DatagramFailure.Of(Error, named ?? (Peer is null ? null : Endpoint.Of(Peer)), phase) with { WasSent = phase == NetworkPhase.Receive ? WasSent.Maybe : WasSent.Never }).ToException(cause);
}
