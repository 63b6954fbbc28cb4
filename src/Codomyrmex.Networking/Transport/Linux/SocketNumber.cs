namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>Kinds of sockets, and the names of options (linux/socket.h, in.h, udp.h), as the system numbers them.</summary>
internal static class SocketNumber
{
    public const int IPv4 = 2; // AF_INET
    public const int IPv6 = 10; // AF_INET6
    public const int Unix = 1; // AF_UNIX

    public const int Stream = 1; // SOCK_STREAM
    public const int Datagram = 2; // SOCK_DGRAM
    public const int Raw = 3; // SOCK_RAW

    /// <summary>With one of the kinds: no call waits, and no program that this one starts gets it (SOCK_NONBLOCK, SOCK_CLOEXEC).</summary>
    public const int OfOurs = 0x800 | 0x80000;

    public const int LevelSocket = 1; // SOL_SOCKET
    public const int Error = 4; // SO_ERROR
    public const int Linger = 13; // SO_LINGER

    /// <summary>The level of TCP's options; below it, what it knows of a connection, beginning with its state (<see cref="TcpState"/>).</summary>
    public const int LevelTcp = 6; // SOL_TCP
    public const int TcpInfo = 11; // TCP_INFO

    /// <summary>The level of UDP's options; below it, the lengths that the kernel cuts what is sent into, and whether it joins what it received.</summary>
    public const int LevelUdp = 17; // SOL_UDP
    public const int UdpSegment = 103; // UDP_SEGMENT
    public const int UdpCoalesce = 104; // UDP_GRO
}
