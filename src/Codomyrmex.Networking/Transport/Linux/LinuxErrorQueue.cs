using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>What came back of datagrams sent earlier (IP_RECVERR): to whom they went, and what became of them.</summary>
internal static unsafe class LinuxErrorQueue
{
    private const int AddressBytes = 28;
    private const int ControlBytes = 512;

    /// <summary>Takes the oldest note.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="address">Where to put whom the datagram went to, as the system writes addresses; 28 bytes.</param>
    /// <param name="addressLength">The bytes of it; 0 where it is not said.</param>
    /// <param name="errno">The system's number of the error.</param>
    /// <param name="limit">The path's limit in bytes where the datagram was too large for it.</param>
    /// <returns>False where there is none.</returns>
    public static bool TryTake(SafeHandle socket, Span<byte> address, out int addressLength, out int errno, out int limit)
    {
        var name = stackalloc byte[AddressBytes];
        var control = stackalloc byte[ControlBytes];
        byte payload;
        var piece = new MessagePiece { Address = (nint)(&payload), Length = 1 };
        var message = new MessageHeader
        {
            Name = (nint)name,
            NameLength = AddressBytes,
            Pieces = (nint)(&piece),
            PieceCount = 1,
            Control = (nint)control,
            ControlLength = ControlBytes,
        };
        (addressLength, errno, limit) = (0, 0, 0);
        if (Libc.RecvMsg(socket, ref message, MessageFlag.ErrorQueue | MessageFlag.DontWait) < 0)
            return false;
        addressLength = (int)Math.Min(message.NameLength, AddressBytes);
        new ReadOnlySpan<byte>(name, addressLength).CopyTo(address);
        return ControlMessages.TryReadError(new ReadOnlySpan<byte>(control, (int)message.ControlLength), out errno, out limit);
    }
}
