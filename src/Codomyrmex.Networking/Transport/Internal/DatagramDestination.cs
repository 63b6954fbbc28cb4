using System.Net;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Where datagrams may go. Only <see cref="DatagramGate"/> makes one, so that nothing can be sent where the policy was not asked.</summary>
internal sealed class DatagramDestination
{
    // RFC 768 and the lengths of IP: 65,535 bytes less the headers; IPv6 does not count its own (RFC 8200, section 3).
    private const int MostIPv4 = 65_507;
    private const int MostIPv6 = 65_527;

    private DatagramDestination(Endpoint named, IPEndPoint endPoint, bool isMapped)
    {
        Named = named;
        EndPoint = endPoint;
        Address = isMapped ? new IPEndPoint(endPoint.Address.MapToIPv6(), endPoint.Port).Serialize() : endPoint.Serialize();
        MostBytes = endPoint.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? MostIPv4 : MostIPv6;
    }

    /// <summary>Whom the caller named.</summary>
    public Endpoint Named { get; }

    public IPEndPoint EndPoint { get; }

    /// <summary>The address as the system writes it.</summary>
    public SocketAddress Address { get; }

    /// <summary>The most bytes of one datagram.</summary>
    public int MostBytes { get; }

    public ReadOnlySpan<byte> AddressBytes => Address.Buffer.Span[..Address.Size];

    /// <summary>To be called by <see cref="DatagramGate"/> alone, when the policy has said yes.</summary>
    public static DatagramDestination Allowed(Endpoint named, IPEndPoint endPoint, bool isMapped) => new(named, endPoint, isMapped);
}
