using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Packets of a raw socket, up to 64 by one call (recvmmsg). Memory that stays where it is, laid out once. Not thread-safe.</summary>
internal sealed class PacketBatch
{
    private const int Most = 64;
    private const int PacketBytes = 256;
    private const int AddressBytes = 28; // sockaddr_in6

    private readonly MessageEntry[] _entries = GC.AllocateArray<MessageEntry>(Most, pinned: true);
    private readonly MessagePiece[] _pieces = GC.AllocateArray<MessagePiece>(Most, pinned: true);
    private readonly byte[] _packets = GC.AllocateArray<byte>(Most * PacketBytes, pinned: true);
    private readonly byte[] _senders = GC.AllocateArray<byte>(Most * AddressBytes, pinned: true);
    private int _next;
    private int _count;
    private bool _isDrained;

    public PacketBatch()
    {
        for (var i = 0; i < Most; i++)
        {
            _pieces[i] = new MessagePiece { Address = Marshal.UnsafeAddrOfPinnedArrayElement(_packets, i * PacketBytes), Length = PacketBytes };
            ref var header = ref _entries[i].Header;
            header.Pieces = Marshal.UnsafeAddrOfPinnedArrayElement(_pieces, i);
            header.PieceCount = 1;
            header.Name = Marshal.UnsafeAddrOfPinnedArrayElement(_senders, i * AddressBytes);
        }
    }

    /// <summary>
    /// The next packet, cut after 256 bytes, and the system's address of who sent it; both hold until the next call. False where none has come: behind a batch that was not
    /// full, without asking the system again.
    /// </summary>
    public bool TryTake(int socket, out ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> sender)
    {
        packet = sender = default;
        if (_next == _count && !TryFill(socket))
            return false;
        packet = _packets.AsSpan(_next * PacketBytes, (int)Math.Min(PacketBytes, _entries[_next].Length));
        sender = _senders.AsSpan(_next * AddressBytes, AddressBytes);
        _next++;
        return true;
    }

    private bool TryFill(int socket)
    {
        if (_isDrained)
        {
            _isDrained = false;
            return false;
        }
        foreach (ref var entry in _entries.AsSpan())
            entry.Header.NameLength = AddressBytes;
        (_next, _count) = (0, Math.Max(0, Libc.RecvMMsg(socket, ref _entries[0], Most, MessageFlag.DontWait, timeout: 0)));
        _isDrained = _count is > 0 and < Most;
        return _count > 0;
    }
}
