using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Linux;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The raw sockets of one version of IP: segments leave in batches, and what answers our port comes in.</summary>
internal sealed class SynFamily : IDisposable
{
    private const int Batch = 64;
    private const int SegmentSize = 24;
    private const int HeaderSize = 64; // struct mmsghdr
    private const int AddressSize = 32;

    private readonly int _segments;
    private readonly int _messages;

    // What sendmmsg is given, laid out once: headers, the vectors and addresses that they point to, and the segments.
    private readonly byte[] _memory = GC.AllocateArray<byte>(Batch * (HeaderSize + 16 + AddressSize + SegmentSize), pinned: true);
    private readonly PacketBatch _received = new();
    private readonly nint _start;
    private int _first;
    private int _count;

    private SynFamily(bool isIPv4, int segments, int messages)
    {
        IsIPv4 = isIPv4;
        _segments = segments;
        _messages = messages;
        _start = Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        for (var i = 0; i < Batch; i++)
        {
            var header = _memory.AsSpan(i * HeaderSize);
            BinaryPrimitives.WriteInt64LittleEndian(header, _start + AddressAt(i));
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], isIPv4 ? 16 : 28);
            BinaryPrimitives.WriteInt64LittleEndian(header[16..], _start + VectorAt(i));
            BinaryPrimitives.WriteInt64LittleEndian(header[24..], 1);
            BinaryPrimitives.WriteInt64LittleEndian(_memory.AsSpan(VectorAt(i)), _start + SegmentAt(i));
            BinaryPrimitives.WriteInt64LittleEndian(_memory.AsSpan(VectorAt(i) + 8), SegmentSize);
        }
    }

    public bool IsIPv4 { get; }

    public bool IsFull => _first + _count == Batch;

    /// <summary>Whether anything was sent, so that anything can come.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Opens the sockets; null without the privilege.</summary>
    public static SynFamily? TryOpen(bool isIPv4, ushort port)
    {
        var family = isIPv4 ? SocketNumber.IPv4 : SocketNumber.IPv6;
        var segments = LinuxSocket.Raw(family, 6);
        if (segments < 0)
            return null;
        var messages = LinuxSocket.Raw(family, isIPv4 ? 1 : 58);
        // Room for what comes while the scan's thread is not given the processor; with the privilege, beyond the system's usual bound.
        LinuxSocket.TrySet(segments, 1, 33, 8 << 20); // SO_RCVBUFFORCE
        LinuxSocket.TrySet(segments, 1, 32, 4 << 20); // SO_SNDBUFFORCE
        if (!TryFilter(segments, isIPv4, port) || (!isIPv4 && !LinuxSocket.TrySet(segments, 41, 7, 16))) // IPV6_CHECKSUM
        {
            LinuxSocket.Close(segments);
            if (messages >= 0)
                LinuxSocket.Close(messages);
            return null;
        }
        if (messages >= 0 && isIPv4)
            LinuxSocket.TrySet(messages, 255, 1, ~(1 << 3)); // ICMP_FILTER: destination unreachable alone
        return new SynFamily(isIPv4, segments, messages);
    }

    /// <summary>What to wait for: whatever comes in.</summary>
    public void Await(Span<PollRequest> requests)
    {
        requests[0] = new PollRequest { Descriptor = _segments, Wanted = (short)PollEvents.Readable };
        requests[1] = new PollRequest { Descriptor = _messages, Wanted = (short)PollEvents.Readable };
    }

    /// <summary>Adds a segment to the batch, which is not full.</summary>
    public void Add(ReadOnlySpan<byte> segment, ReadOnlySpan<byte> address)
    {
        IsUsed = true;
        var at = _first + _count++;
        segment.CopyTo(_memory.AsSpan(SegmentAt(at)));
        address.CopyTo(_memory.AsSpan(AddressAt(at)));
    }

    /// <summary>Sends the batch; false where the system has no room for all of it now.</summary>
    public bool TryFlush()
    {
        while (_count > 0)
        {
            var sent = Libc.SendMMsg(_segments, _start + _first * HeaderSize, (uint)_count, 0);
            if (sent <= 0)
            {
                if (LinuxError.Last is LinuxError.TryAgain or LinuxError.NoBuffers or LinuxError.Interrupted)
                    return false;
                // One that cannot be sent stays without an answer, like one that got lost.
                sent = 1;
            }
            _first += sent;
            _count -= sent;
        }
        _first = 0;
        return true;
    }

    /// <summary>A segment that came, with its sender's address.</summary>
    public bool TryReceive(out ReadOnlySpan<byte> segment, out ReadOnlySpan<byte> source)
    {
        while (_received.TryTake(_segments, out segment, out var sender))
        {
            source = sender[8..24];
            // Of the fourth version a packet comes with its header, which tells the sender.
            if (!IsIPv4 || IPv4Packet.TryRead(segment, out source, out segment))
                return true;
        }
        source = default;
        return false;
    }

    /// <summary>An ICMP message that came.</summary>
    public bool TryReceiveMessage(Span<byte> buffer, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (_messages < 0)
            return false;
        var received = LinuxSocket.Receive(_messages, buffer);
        if (received <= 0)
            return false;
        message = buffer[..received];
        return !IsIPv4 || IPv4Packet.TryRead(message, out _, out message);
    }

    public void Dispose()
    {
        LinuxSocket.Close(_segments);
        if (_messages >= 0)
            LinuxSocket.Close(_messages);
    }

    /// <summary>
    /// Lets the kernel keep everything from us but resets and acceptances sent to our port: a program of classic BPF (Linux, Documentation/networking/filter.rst).
    /// </summary>
    private static bool TryFilter(int socket, bool isIPv4, ushort port)
    {
        const ushort LoadHalf = 0x28, LoadByte = 0x30, LoadHalfIndexed = 0x48, LoadByteIndexed = 0x50, IndexFromHeaderLength = 0xB1;
        const ushort JumpIfEqual = 0x15, JumpIfSet = 0x45, And = 0x54, Return = 0x06;
        (ushort Code, byte True, byte False, uint Value)[] program =
        [
            (IndexFromHeaderLength, 0, 0, 0),
            (isIPv4 ? LoadHalfIndexed : LoadHalf, 0, 0, 2),
            (JumpIfEqual, 0, 5, port),
            (isIPv4 ? LoadByteIndexed : LoadByte, 0, 0, 13),
            (JumpIfSet, 2, 0, 0x04),
            (And, 0, 0, 0x12),
            (JumpIfEqual, 0, 1, 0x12),
            (Return, 0, 0, 256),
            (Return, 0, 0, 0),
        ];
        var code = GC.AllocateArray<byte>(program.Length * 8, pinned: true);
        for (var i = 0; i < program.Length; i++)
        {
            var at = code.AsSpan(i * 8);
            BinaryPrimitives.WriteUInt16LittleEndian(at, program[i].Code);
            (at[2], at[3]) = (program[i].True, program[i].False);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], program[i].Value);
        }
        Span<byte> head = stackalloc byte[16]; // struct sock_fprog
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)program.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], Marshal.UnsafeAddrOfPinnedArrayElement(code, 0));
        var isSet = LinuxSocket.TrySet(socket, 1, 26, (ReadOnlySpan<byte>)head); // SO_ATTACH_FILTER copies it
        GC.KeepAlive(code);
        return isSet;
    }

    private static int VectorAt(int index) => Batch * HeaderSize + index * 16;

    private static int AddressAt(int index) => Batch * (HeaderSize + 16) + index * AddressSize;

    private static int SegmentAt(int index) => Batch * (HeaderSize + 16 + AddressSize) + index * SegmentSize;
}
