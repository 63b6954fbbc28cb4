using System.Buffers.Binary;
using Codomyrmex.Networking.Transport.Linux;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>ICMP echo on Linux: over ping sockets where the system grants them (net.ipv4.ping_group_range), over raw ones where this process may.</summary>
internal sealed class LinuxEchoWire : IEchoWire
{
    private const int Icmp = 1;
    private const int Icmp6 = 58;
    private const int HeaderSize = 8;
    private const int CookieSize = 8;

    private readonly Way _v4 = Way.Open(SocketNumber.IPv4, Icmp);
    private readonly Way _v6 = Way.Open(SocketNumber.IPv6, Icmp6);
    private readonly byte[] _request = new byte[HeaderSize + CookieSize];
    private readonly byte[] _answer = new byte[512];

    private LinuxEchoWire()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_request.AsSpan(4), (uint)SystemRandom.NextUInt64());
        BinaryPrimitives.WriteUInt64LittleEndian(_request.AsSpan(HeaderSize), SystemRandom.NextUInt64());
    }

    /// <summary>Opens it; null where the system lets this process send no echo at all.</summary>
    public static LinuxEchoWire? TryOpen()
    {
        if (!Libc.IsSupported)
            return null;
        var wire = new LinuxEchoWire();
        if (wire._v4.Descriptor >= 0 || wire._v6.Descriptor >= 0)
            return wire;
        return null;
    }

    public bool TrySend(int token, ProbeAddress address)
    {
        var way = address.IsIPv4 ? _v4 : _v6;
        if (way.Descriptor < 0)
            return false;
        // RFC 792, RFC 4443, section 4.1: type, code, checksum, identifier, sequence number. The identifier is random, or the kernel's.
        _request[0] = (byte)(address.IsIPv4 ? 8 : 128);
        BinaryPrimitives.WriteUInt16BigEndian(_request.AsSpan(6), (ushort)token);
        _request.AsSpan(2, 2).Clear();
        // Of the sixth version's the kernel makes it, which knows the addresses that are part of it.
        if (address.IsIPv4)
            BinaryPrimitives.WriteUInt16BigEndian(_request.AsSpan(2), InternetChecksum.Of(_request));
        return LinuxSocket.SendTo(way.Descriptor, _request, address.WithPort(0)) == 0;
    }

    public bool TryReceive(out int token) => TryReceive(_v4, EchoReply.IPv4Type, out token) || TryReceive(_v6, EchoReply.IPv6Type, out token);

    public void Dispose()
    {
        _v4.Close();
        _v6.Close();
    }

    private bool TryReceive(Way way, byte type, out int token)
    {
        token = -1;
        while (way.Descriptor >= 0)
        {
            var length = LinuxSocket.Receive(way.Descriptor, _answer);
            if (length <= 0)
                return false;
            ReadOnlySpan<byte> message = _answer.AsSpan(0, length);
            // Raw sockets of the fourth version get the header of the packet, too.
            if (way.HasPacketHeader && !IPv4Packet.TryRead(message, out _, out message))
                continue;
            if ((token = EchoReply.Read(message, type, _request.AsSpan(HeaderSize))) < 0)
                continue;
            return true;
        }
        return false;
    }

    private readonly record struct Way(int Descriptor, bool HasPacketHeader)
    {
        public static Way Open(int family, int protocol)
        {
            var ping = LinuxSocket.Datagram(family, protocol);
            if (ping >= 0)
                return new Way(ping, false);
            var raw = LinuxSocket.Raw(family, protocol);
            if (raw >= 0 && family == SocketNumber.IPv4)
                LinuxSocket.TrySet(raw, 255, 1, ~1); // SOL_RAW, ICMP_FILTER: nothing but echo replies
            if (raw >= 0 && family == SocketNumber.IPv6)
                LinuxSocket.TrySet(raw, Icmp6, 1, RepliesOnly()); // ICMP6_FILTER
            return new Way(raw, family == SocketNumber.IPv4);
        }

        public void Close()
        {
            if (Descriptor >= 0)
                LinuxSocket.Close(Descriptor);
        }

        private static byte[] RepliesOnly()
        {
            // A bit for each type that is kept out (RFC 3542, section 3.2).
            var filter = new byte[32];
            Array.Fill(filter, (byte)0xFF);
            filter[129 / 8] &= unchecked((byte)~(1 << (129 % 8)));
            return filter;
        }
    }
}
