using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Reads which ICMP message a socket was told of, where it asked to be (<see cref="Open"/>). Not thread-safe.</summary>
internal sealed class ErrorQueue
{
    private const byte OriginIcmp = 2; // SO_EE_ORIGIN_ICMP
    private const byte OriginIcmp6 = 3; // SO_EE_ORIGIN_ICMP6
    private const int HeaderSize = 56; // struct msghdr
    private const int ControlSize = 256;
    private const int DataSize = 128;

    // One buffer that stays where it is: the header, and behind it what it points to.
    private readonly byte[] _buffer = GC.AllocateArray<byte>(HeaderSize + 16 + ControlSize + DataSize, pinned: true);
    private readonly nint _start;

    public ErrorQueue()
    {
        _start = Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, 0);
        var span = _buffer.AsSpan();
        BinaryPrimitives.WriteInt64LittleEndian(span[16..], _start + HeaderSize); // msg_iov
        BinaryPrimitives.WriteInt64LittleEndian(span[24..], 1); // msg_iovlen
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], _start + HeaderSize + 16); // msg_control
        BinaryPrimitives.WriteInt64LittleEndian(span[HeaderSize..], _start + HeaderSize + 16 + ControlSize); // iov_base
        BinaryPrimitives.WriteInt64LittleEndian(span[(HeaderSize + 8)..], DataSize); // iov_len
    }

    /// <summary>Makes a socket keep ICMP messages for <see cref="Read"/> (IP_RECVERR, IPV6_RECVERR).</summary>
    public static void Open(int descriptor, bool isIPv4) => LinuxSocket.TrySet(descriptor, isIPv4 ? 0 : 41, isIPv4 ? 11 : 25, 1);

    /// <summary>The next ICMP message about a socket; <see cref="ProbeAnswer.Pending"/> where there is none.</summary>
    public ProbeAnswer Read(int descriptor)
    {
        var span = _buffer.AsSpan();
        BinaryPrimitives.WriteInt64LittleEndian(span[40..], ControlSize); // msg_controllen, which each call overwrites
        if (Libc.RecvMsg(descriptor, _start, MessageFlag.ErrorQueue | MessageFlag.DontWait) < 0)
            return ProbeAnswer.Pending;
        var control = span.Slice(HeaderSize + 16, (int)Math.Min(ControlSize, BinaryPrimitives.ReadInt64LittleEndian(span[40..])));
        // struct cmsghdr: length, level, type, then struct sock_extended_err: errno, origin, type, code, …
        while (control.Length >= 16)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(control);
            if (length < 16 || length > control.Length)
                break;
            if (length >= 16 + 8 && control[16 + 4] is OriginIcmp or OriginIcmp6)
                return Meaning(control[16 + 4] == OriginIcmp6, control[16 + 5], control[16 + 6]);
            control = control[Math.Min(control.Length, (length + 7) & ~7)..];
        }
        return ProbeAnswer.Pending;
    }

    /// <summary>What an ICMP message says of a probe (RFC 792, RFC 1122, RFC 1812; RFC 4443).</summary>
    public static ProbeAnswer Meaning(bool isIPv6, byte type, byte code) => (isIPv6, type, code) switch
    {
        (false, 3, 0 or 6 or 11) => ProbeAnswer.NetUnreachable,
        (false, 3, 1 or 5 or 7 or 8 or 12) => ProbeAnswer.HostUnreachable,
        (false, 3, 2) => ProbeAnswer.ProtocolUnreachable,
        (false, 3, 3) => ProbeAnswer.PortUnreachable,
        (false, 3, 9) => ProbeAnswer.NetProhibited,
        (false, 3, 10) => ProbeAnswer.HostProhibited,
        (false, 3, 13 or 14 or 15) => ProbeAnswer.AdminProhibited,
        (true, 1, 0) => ProbeAnswer.NetUnreachable,
        (true, 1, 3) => ProbeAnswer.HostUnreachable,
        (true, 1, 4) => ProbeAnswer.PortUnreachable,
        (true, 1, 1 or 5 or 6) => ProbeAnswer.AdminProhibited,
        // "Next header unknown" is the sixth version's "protocol unreachable".
        (true, 4, 1) => ProbeAnswer.ProtocolUnreachable,
        (false, 3, _) or (true, 1, _) => ProbeAnswer.OtherUnreachable,
        // A packet that is too big or was too long under way says nothing about the port.
        _ => ProbeAnswer.Pending,
    };
}
