using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Addresses as the system writes them, and the objects that stand for them: who sends again and again costs one object. For one receiver at a time.
/// </summary>
internal sealed class DatagramPeers
{
    private const int Places = 256;

    private static readonly IPEndPoint Template4 = new(IPAddress.Any, 0);
    private static readonly IPEndPoint Template6 = new(IPAddress.IPv6Any, 0);

    private readonly Entry?[] _entries = new Entry?[Places];

    public IPEndPoint Find(ReadOnlySpan<byte> address)
    {
        var hash = new HashCode();
        hash.AddBytes(address);
        ref var entry = ref _entries[hash.ToHashCode() & (Places - 1)];
        if (entry is null || !address.SequenceEqual(entry.Address))
            entry = new Entry(address.ToArray(), Read(address));
        return entry.EndPoint;
    }

    /// <summary>The address and port; an IPv4 address that a socket for both families writes as an IPv6 one (RFC 4291, section 2.5.5.2) in its own form.</summary>
    public static IPEndPoint Read(ReadOnlySpan<byte> address)
    {
        var family = address.Length >= 28 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var written = new SocketAddress(family, address.Length);
        address.CopyTo(written.Buffer.Span);
        var endPoint = (IPEndPoint)(family == AddressFamily.InterNetworkV6 ? Template6 : Template4).Create(written);
        return endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
    }

    private sealed record Entry(byte[] Address, IPEndPoint EndPoint);
}
