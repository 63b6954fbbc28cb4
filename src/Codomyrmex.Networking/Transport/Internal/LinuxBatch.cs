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

    // What goes through every network in one piece (RFC 8200, section 5): longer ones the kernel may refuse to cut, where it would send them in fragments.
    private const int LongestSegment = 1280 - 48;

    private readonly DatagramBatch _batch;
    private readonly MessageEntry[] _entries;
    private readonly MessagePiece[] _pieces;
    private readonly byte[] _controls;
    private readonly nint _memory;
    private readonly nint _addresses;
    private readonly nint _control;
    private readonly nint _firstPiece;

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
        _firstPiece = Marshal.UnsafeAddrOfPinnedArrayElement(_pieces, 0);
        for (var i = 0; i < capacity; i++)
            _pieces[i].Address = _memory + ((nint)i * batch.SlotBytes);
    }

    /// <summary>Sends without waiting.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="start">The first datagram.</param>
    /// <param name="destinations">Where it goes, and those behind it.</param>
    /// <param name="isConnected">Whether all go to the socket's peer.</param>
    /// <param name="inRuns">
    /// Whether datagrams of one length that go to one peer in a row pass through the kernel as one, which is cut where the network begins (UDP_SEGMENT). Where some did, it is
    /// true afterwards.
    /// </param>
    /// <returns>How many left; or the system's number of the error, negative.</returns>
    public int Send(SafeHandle socket, int start, ReadOnlySpan<DatagramDestination> destinations, bool isConnected, ref bool inRuns)
    {
        var (count, mayRun) = (0, inRuns);
        inRuns = false;
        for (int first = start, end = start + destinations.Length, run; first < end; first += run)
        {
            run = mayRun ? RunFrom(first, destinations[(first - start)..]) : 1;
            inRuns |= run > 1;
            ref var header = ref _entries[count].Header;
            header.Name = isConnected ? 0 : _addresses + (first * DatagramBatch.AddressBytes);
            header.NameLength = isConnected ? 0 : (uint)_batch.AddressLengths[first];
            header.Pieces = PieceAt(first);
            header.PieceCount = (nuint)run;
            (header.Control, header.ControlLength) = run == 1 ? (0, 0) : WriteSegment(count, _batch.Lengths[first]);
            for (var i = first; i < first + run; i++)
                _pieces[i].Length = (nuint)_batch.Lengths[i];
            count++;
        }
        var sent = Libc.SendMMsg(socket, ref _entries[0], (uint)count, MessageFlag.DontWait);
        // The kernel has read memory that only pointers lead to.
        GC.KeepAlive(this);
        if (sent < 0)
            return -LinuxError.Last;
        var datagrams = 0;
        for (var i = 0; i < sent; i++)
            datagrams += (int)_entries[i].Header.PieceCount;
        return datagrams;
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
            header.Pieces = PieceAt(i);
            header.PieceCount = 1;
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
    /// <summary>How many datagrams from one on can be cut out of one: of a length, the last may be shorter, to one peer.</summary>
    private int RunFrom(int first, ReadOnlySpan<DatagramDestination> destinations)
    {
        var length = _batch.Lengths[first];
        if (length is 0 or > LongestSegment)
            return 1;
        var most = Math.Min(Math.Min(LinuxSegments.MostAtOnce, destinations[0].MostBytes / length), destinations.Length);
        for (var run = 1; run < most; run++)
        {
            var next = _batch.Lengths[first + run];
            if (next == 0 || next > length || !ReferenceEquals(destinations[run], destinations[0]))
                return run;
            if (next < length)
                return run + 1;
        }
        return most;
    }

    private (nint Control, nuint Length) WriteSegment(int entry, int bytes)
    {
        var length = (ushort)bytes;
        ControlMessages.Write(_controls.AsSpan(entry * ControlBytes, ControlBytes), SocketNumber.LevelUdp, SocketNumber.UdpSegment, MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in length)));
        return (_control + (entry * ControlBytes), (nuint)ControlMessages.Space(sizeof(ushort)));
    }

    private nint PieceAt(int index) => _firstPiece + (index * Marshal.SizeOf<MessagePiece>());
}
