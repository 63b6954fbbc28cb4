using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The settings of a UDP socket.</summary>
internal sealed record DatagramTuning
{
    // linux/in.h, linux/in6.h, linux/udp.h; the platform has no names for them.
    private const int ReportErrorsIPv4 = 11;
    private const int ReportErrorsIPv6 = 25;
    private const int DiscoverPathIPv4 = 10;
    private const int DiscoverPathIPv6 = 23;
    private const int DiscoverAlways = 2;

    public int? ReceiveBuffer { get; init; }

    public int? SendBuffer { get; init; }

    public bool DualStack { get; init; }

    public bool Broadcast { get; init; }

    public bool ReuseAddress { get; init; }

    public bool DontFragment { get; init; }

    public bool Coalesce { get; init; }

    /// <summary>From the first datagram on: the system notes it when one arrives, not when it is received.</summary>
    public bool ReportsInterface { get; init; }

    public int? TimeToLive { get; init; }

    public int MulticastTimeToLive { get; init; } = 1;

    public bool MulticastLoopback { get; init; } = true;

    public int MulticastInterface { get; init; }

    /// <summary>Opens a socket with these settings.</summary>
    public Socket Open(AddressFamily family, bool dual)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (family == AddressFamily.InterNetworkV6)
                socket.DualMode = dual;
            if (ReceiveBuffer is { } receive)
                socket.ReceiveBufferSize = receive;
            if (SendBuffer is { } send)
                socket.SendBufferSize = send;
            if (Broadcast)
                socket.EnableBroadcast = true;
            if (ReuseAddress)
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            Apply(socket, family, dual);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Apply(Socket socket, AddressFamily family, bool dual)
    {
        if (family == AddressFamily.InterNetworkV6)
        {
            Multicast(socket, SocketOptionLevel.IPv6);
            if (ReportsInterface)
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.PacketInformation, true);
            if (TimeToLive is { } hops)
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.HopLimit, hops);
            if (OperatingSystem.IsLinux())
            {
                Set(socket, SocketOptionLevel.IPv6, ReportErrorsIPv6, 1);
                if (DontFragment)
                    Set(socket, SocketOptionLevel.IPv6, DiscoverPathIPv6, DiscoverAlways);
            }
        }
        // Linux lets a socket for both families have the settings of both.
        if (family == AddressFamily.InterNetwork || (dual && OperatingSystem.IsLinux()))
        {
            if (family == AddressFamily.InterNetwork)
                Multicast(socket, SocketOptionLevel.IP);
            if (ReportsInterface)
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
            if (TimeToLive is { } hops)
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.IpTimeToLive, hops);
            if (OperatingSystem.IsLinux())
            {
                Set(socket, SocketOptionLevel.IP, ReportErrorsIPv4, 1);
                if (DontFragment)
                    Set(socket, SocketOptionLevel.IP, DiscoverPathIPv4, DiscoverAlways);
            }
            else if (DontFragment)
            {
                socket.DontFragment = true;
            }
        }
        if (Coalesce && Libc.IsSupported)
            Set(socket, (SocketOptionLevel)SocketNumber.LevelUdp, SocketNumber.UdpCoalesce, 1);
    }

    private void Multicast(Socket socket, SocketOptionLevel level)
    {
        if (MulticastTimeToLive != 1)
            socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, MulticastTimeToLive);
        if (!MulticastLoopback)
            socket.SetSocketOption(level, SocketOptionName.MulticastLoopback, false);
        if (MulticastInterface != 0)
            socket.SetSocketOption(level, SocketOptionName.MulticastInterface, level == SocketOptionLevel.IP ? IPAddress.HostToNetworkOrder(MulticastInterface) : MulticastInterface);
    }

    private static void Set(Socket socket, SocketOptionLevel level, int name, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(bytes, value);
        socket.SetRawSocketOption((int)level, name, bytes);
    }
}
