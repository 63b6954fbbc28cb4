using System.Globalization;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What goes wrong with datagrams, in our words.</summary>
internal static class DatagramFailure
{
    /// <summary>What the system says of a datagram to, or a socket connected to, a peer.</summary>
    public static NetworkFailure Of(SocketError error, Endpoint? peer, NetworkPhase phase)
    {
        var whom = peer?.ToString() ?? "A peer";
        var (code, message) = error switch
        {
            SocketError.ConnectionRefused or SocketError.ConnectionReset =>
                (ErrorCodes.UdpRefused, $"{whom} takes no datagrams: its system answered that nothing listens on the port."),
            SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown or SocketError.ProtocolOption or SocketError.ProtocolNotSupported =>
                (ErrorCodes.UdpUnreachable, $"{whom} cannot be reached by datagrams."),
            SocketError.MessageSize => (ErrorCodes.UdpTooLarge, $"The datagram to {whom} is larger than the way there takes in one piece."),
            SocketError.AccessDenied => (ErrorCodes.LocalAddress,
                $"The system does not let a datagram go to {whom}: a firewall forbids it, or it is a broadcast address, and those are not allowed (UDPClientOptions.AllowBroadcast)."),
            SocketError.AddressNotAvailable => (ErrorCodes.LocalPorts, $"There is no local address or port for datagrams to {whom}."),
            _ when ErrorMap.Code(error) is ErrorCodes.LocalAddress => (ErrorCodes.LocalAddress, $"The local address for datagrams to {whom} cannot be used: {new SocketException((int)error).Message}."),
            _ when ErrorMap.Code(error) is ErrorCodes.LocalDescriptors => (ErrorCodes.LocalDescriptors, "This process has no file descriptors or buffers left for datagrams."),
            _ => (ErrorCodes.UdpUnreachable, $"Datagrams to {whom} failed: {new SocketException((int)error).Message}."),
        };
        return Make(code, message, peer, phase);
    }

    /// <summary>A datagram that never left.</summary>
    public static NetworkFailure TooLarge(int length, int most, string limit, Endpoint? peer) => Make(ErrorCodes.UdpTooLarge,
        string.Create(CultureInfo.InvariantCulture, $"A datagram of {length} bytes{(peer is null ? "" : $" to {peer}")} is larger than {limit}, {most} bytes."), peer, NetworkPhase.Send);

    public static NetworkFailure WrongFamily(Endpoint peer, string addresses) => Make(ErrorCodes.UdpUnreachable,
        $"{peer} ({addresses}) cannot be reached from this socket: it is bound to an address of the other family.", peer, NetworkPhase.Send);

    /// <summary>Whether an error may be about an earlier datagram than the one it is told with: what comes back comes back later.</summary>
    public static bool IsLate(SocketError error) => error is SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostUnreachable or SocketError.NetworkUnreachable or
        SocketError.HostDown or SocketError.NetworkDown or SocketError.MessageSize or SocketError.AccessDenied or SocketError.ProtocolOption or SocketError.ProtocolNotSupported or
        SocketError.SocketError;

    private static NetworkFailure Make(string code, string message, Endpoint? peer, NetworkPhase phase) =>
        new() { Code = code, Message = message, Phase = phase, Endpoint = peer };
}
