using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>
/// What the kernel of 64-bit Linux says beside a datagram: a row of messages, each with its length (8 bytes), level and type (4 each), its data, and
/// padding to 8 bytes (RFC 3542, section 20; struct cmsghdr).
/// </summary>
internal static class ControlMessages
{
    public const int HeaderBytes = 16;

    /// <summary>Bytes that a message takes, padding included.</summary>
    public static int Space(int dataLength) => HeaderBytes + ((dataLength + 7) & ~7);

    /// <summary>Writes one message; the destination has <see cref="Space"/> bytes.</summary>
    public static void Write(Span<byte> destination, int level, int type, ReadOnlySpan<byte> data)
    {
        destination.Clear();
        MemoryMarshal.Write(destination, (long)(HeaderBytes + data.Length));
        MemoryMarshal.Write(destination[8..], level);
        MemoryMarshal.Write(destination[12..], type);
        data.CopyTo(destination[HeaderBytes..]);
    }

    /// <summary>Finds the data of the first message of a level and type.</summary>
    public static bool TryFind(ReadOnlySpan<byte> control, int level, int type, out ReadOnlySpan<byte> data)
    {
        while (control.Length >= HeaderBytes)
        {
            var length = MemoryMarshal.Read<long>(control);
            if (length < HeaderBytes || length > control.Length)
                break;
            if (MemoryMarshal.Read<int>(control[8..]) == level && MemoryMarshal.Read<int>(control[12..]) == type)
            {
                data = control[HeaderBytes..(int)length];
                return true;
            }
            var next = ((int)length + 7) & ~7;
            control = next < control.Length ? control[next..] : [];
        }
        data = default;
        return false;
    }

    /// <summary>How long the datagrams are that came as one (UDP_GRO); 0 where it is but one.</summary>
    public static int SegmentLength(ReadOnlySpan<byte> control)
    {
        // The kernel writes an int, of which the length is a 16-bit number.
        const int LevelUdp = 17, Coalesce = 104;
        return TryFind(control, LevelUdp, Coalesce, out var data) && data.Length >= 4 ? Math.Max(0, MemoryMarshal.Read<int>(data)) : 0;
    }

    /// <summary>What went wrong with a datagram sent earlier (IP_RECVERR, IPV6_RECVERR): the system's number of it, and the path's limit where it was too large.</summary>
    public static bool TryReadError(ReadOnlySpan<byte> control, out int errno, out int limit)
    {
        const int LevelIPv4 = 0, ErrorIPv4 = 11, LevelIPv6 = 41, ErrorIPv6 = 25;
        (errno, limit) = (0, 0);
        if (!TryFind(control, LevelIPv4, ErrorIPv4, out var data) && !TryFind(control, LevelIPv6, ErrorIPv6, out data))
            return false;
        // struct sock_extended_err: number, origin, type, code, padding, information, data.
        if (data.Length < 16)
            return false;
        errno = MemoryMarshal.Read<int>(data);
        limit = MemoryMarshal.Read<int>(data[8..]);
        return true;
    }
}
