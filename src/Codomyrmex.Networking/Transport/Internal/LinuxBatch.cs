using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Linux;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The kernel's view of a <see cref="DatagramBatch"/>: headers that point into its memory, which never moves, made once and used for call after call.
/// </summary>
internal sealed class LinuxBatch
{
    private const int ControlBytes = 64;

    private readonly DatagramBatch _batch;
    private readonly MessageEntry[] _entries;
    private readonly MessagePiece[] _pieces;
    private readonly byte[] _controls;
    private readonly nint _memory;
    private readonly nint _addresses;
    private readonly nint _control;

    public LinuxBatch(DatagramBatch batch)
    {
        _batch = batch;
        var capacity = batch.Capacity;
        _entries = GC.AllocateArray<MessageEntry>(capacity, pinned: true);
        _pieces = GC.AllocateArray<MessagePiece>(capacity, pinned: true);
        _controls = GC.AllocateArray<byte>(capacity * ControlBytes, pinned: true);
        _memory = Marshal.UnsafeAddrOfPinnedArrayElement(batch.Memory, 0);
        _addresses = Marshal.UnsafeAddrOfPinnedArrayElement(batch.Addresses, 0);
        _control = Marshal.UnsafeAddrOfPinnedArrayElement(_controls, 0);
        var pieces = Marshal.UnsafeAddrOfPinnedArrayElement(_pieces, 0);
        for (var i = 0; i < capacity; i++)
        {
            _pieces[i].Address = _memory + ((nint)i * batch.SlotBytes);
            _entries[i].Header.Pieces = pieces + (i * Marshal.SizeOf<MessagePiece>());
            _entries[i].Header.PieceCount = 1;
        }
    }

    /// <summary>Sends without waiting.</summary>
    /// <returns>How many left; or the system's number of the error, negative.</returns>
    public int Send(SafeHandle socket, int start, int count, bool isConnected)
    {
        for (var i = start; i < start + count; i++)
        {
            ref var header = ref _entries[i].Header;
            header.Name = isConnected ? 0 : _addresses + (i * DatagramBatch.AddressBytes);
            header.NameLength = isConnected ? 0 : (uint)_batch.AddressLengths[i];
            header.Control = 0;
            header.ControlLength = 0;
            _pieces[i].Length = (nuint)_batch.Lengths[i];
        }
        var sent = Libc.SendMMsg(socket, ref _entries[start], (uint)count, MessageFlag.DontWait);
        // The kernel has read memory that only pointers lead to.
        GC.KeepAlive(this);
        return sent >= 0 ? sent : -LinuxError.Last;
    }

    /// <summary>Receives what has arrived, without waiting.</summary>
    /// <returns>How many slots were filled; or the system's number of the error, negative.</returns>
    public int Receive(SafeHandle socket, int most)
    {
        for (var i = 0; i < most; i++)
        {
            ref var header = ref _entries[i].Header;
            header.Name = _addresses + (i * DatagramBatch.AddressBytes);
            header.NameLength = DatagramBatch.AddressBytes;
            header.Control = _control + (i * ControlBytes);
            header.ControlLength = ControlBytes;
            _pieces[i].Length = (nuint)_batch.SlotBytes;
        }
        var count = Libc.RecvMMsg(socket, ref _entries[0], (uint)most, MessageFlag.DontWait, 0);
        if (count < 0)
            return -LinuxError.Last;
        for (var i = 0; i < count; i++)
        {
            ref var entry = ref _entries[i];
            _batch.Lengths[i] = (int)entry.Length;
            _batch.AddressLengths[i] = (int)entry.Header.NameLength;
            var control = entry.Header.ControlLength == 0 ? [] : _controls.AsSpan(i * ControlBytes, (int)entry.Header.ControlLength);
            _batch.Segments[i] = ControlMessages.SegmentLength(control);
            _batch.AreTruncated[i] = (entry.Header.Flags & MessageFlag.Truncated) != 0;
        }
        return count;
    }
}
