using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>Bytes that the kernel cuts into datagrams of one length (UDP_SEGMENT, Linux 4.18).</summary>
internal static unsafe class LinuxSegments
{
    /// <summary>The most datagrams of one call (UDP_MAX_SEGMENTS of all kernels).</summary>
    public const int MostAtOnce = 64;

    /// <summary>Whether this kernel cuts at all.</summary>
    public static bool AreKnown(SafeHandle socket)
    {
        int bytes = 0, size = sizeof(int);
        return Libc.GetSockOpt(socket, SocketNumber.LevelUdp, SocketNumber.UdpSegment, ref bytes, ref size) == 0;
    }

    /// <summary>Sends without waiting.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="data">What is cut: at most <see cref="MostAtOnce"/> pieces, at most 65,507 bytes.</param>
    /// <param name="segmentBytes">The length of all datagrams but the last.</param>
    /// <param name="address">To whom, as the system writes addresses; empty where the socket is connected.</param>
    /// <returns>The bytes sent, all of them; or the system's number of the error, negative.</returns>
    public static int Send(SafeHandle socket, ReadOnlySpan<byte> data, int segmentBytes, ReadOnlySpan<byte> address)
    {
        var control = stackalloc byte[24];
        var length = (ushort)segmentBytes;
        ControlMessages.Write(new Span<byte>(control, 24), SocketNumber.LevelUdp, SocketNumber.UdpSegment, new ReadOnlySpan<byte>(&length, sizeof(ushort)));
        fixed (byte* bytes = data, name = address)
        {
            var piece = new MessagePiece { Address = (nint)bytes, Length = (nuint)data.Length };
            var message = new MessageHeader
            {
                Name = (nint)name,
                NameLength = (uint)address.Length,
                Pieces = (nint)(&piece),
                PieceCount = 1,
                Control = (nint)control,
                ControlLength = (nuint)ControlMessages.Space(sizeof(ushort)),
            };
            var sent = Libc.SendMsg(socket, ref message, MessageFlag.DontWait);
            return sent >= 0 ? (int)sent : -LinuxError.Last;
        }
    }
}
