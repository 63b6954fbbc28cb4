using System.Buffers.Binary;
using System.Security.Cryptography;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Probes by the first segment of a connection alone (RFC 9293, section 3.5), written by hand and sent in batches; needs CAP_NET_RAW. The kernel, which knows of no
/// connection, resets those that peers accept.
/// </summary>
/// <remarks>
/// The sequence number of a probe holds its slot and something that nobody can guess, so an answer finds its probe and no stranger can make one up. A filter in
/// the kernel lets through what answers our port alone. The port is reserved by a socket that is bound to it and does not listen.
/// </remarks>
internal sealed class LinuxSynWire : IProbeWire
{
    private const int Tcp = 6;
    private const int HeaderSize = 24;
    private const byte Synchronise = 0x02;
    private const byte Reset = 0x04;
    private const byte SynchroniseAcknowledge = 0x12;

    private readonly LinuxPoll _poll = ProbeWires.OpenPoll(4);
    private readonly int _reservation;
    private readonly ushort _port;
    private readonly SynFamily?[] _families = new SynFamily?[2];
    private readonly Slot[] _slots;
    private readonly byte[] _segment = new byte[HeaderSize];
    private readonly byte[] _packet = new byte[2048];
    private uint _secret;

    private LinuxSynWire(int slots, int reservation, ushort port)
    {
        Slots = slots;
        _slots = new Slot[slots];
        _reservation = reservation;
        _port = port;
        BinaryPrimitives.WriteUInt16BigEndian(_segment, port);
        _segment[12] = HeaderSize / 4 << 4;
        _segment[13] = Synchronise;
        BinaryPrimitives.WriteUInt16BigEndian(_segment.AsSpan(14), 1024); // the window
        BinaryPrimitives.WriteUInt32BigEndian(_segment.AsSpan(20), 0x0204_05B4); // maximum segment size 1460, as everybody's
    }

    public int Slots { get; }

    /// <summary>Opens it; null where this process may not, or the system is another one.</summary>
    public static LinuxSynWire? TryOpen(int slots)
    {
        if (!Libc.IsSupported)
            return null;
        var reservation = LinuxSocket.Stream(SocketNumber.IPv6);
        var family = SocketNumber.IPv6;
        if (reservation < 0)
            (reservation, family) = (LinuxSocket.Stream(SocketNumber.IPv4), SocketNumber.IPv4);
        if (reservation < 0)
            return null;
        LinuxSocket.TrySet(reservation, 41, 26, 0); // IPV6_V6ONLY off: the port is ours in both families
        Span<byte> local = stackalloc byte[28];
        local[0] = (byte)family;
        if (!LinuxSocket.TryBind(reservation, local[..(family == SocketNumber.IPv6 ? 28 : 16)]) || LinuxSocket.LocalAddress(reservation, local) == 0)
        {
            LinuxSocket.Close(reservation);
            return null;
        }
        var wire = new LinuxSynWire(Math.Min(slots, 65_536), reservation, BinaryPrimitives.ReadUInt16BigEndian(local[2..]));
        wire._families[0] = SynFamily.TryOpen(isIPv4: true, wire._port);
        wire._families[1] = SynFamily.TryOpen(isIPv4: false, wire._port);
        if (wire._families[0] is null)
        {
            wire.Dispose();
            return null;
        }
        foreach (var opened in wire._families)
            opened?.Register(wire._poll);
        return wire;
    }

    public ProbeAnswer Send(int slot, ProbeAddress address, int port)
    {
        if (_families[address.IsIPv4 ? 0 : 1] is not { } family)
            return ProbeAnswer.NotPermitted;
        if (address.Source is null && (address.Source = SourceOf(address)) is null)
            return ProbeAnswer.NoRoute;
        if (family.IsFull && !family.TryFlush())
            return ProbeAnswer.NoRoom;
        if (_secret == 0)
            _secret = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)) | 1;
        // A step of a linear congruence with a secret start: different for each use, and 16 bits that a blind stranger has to guess.
        _secret = unchecked(_secret * 747_796_405 + 2_891_336_453);
        ref var probe = ref _slots[slot];
        probe.Sequence = (_secret & 0xFFFF_0000) | (uint)slot;
        probe.Address = address;
        probe.Port = port;
        BinaryPrimitives.WriteUInt16BigEndian(_segment.AsSpan(2), (ushort)port);
        BinaryPrimitives.WriteUInt32BigEndian(_segment.AsSpan(4), probe.Sequence);
        _segment.AsSpan(16, 2).Clear();
        // Of the sixth version's segments the kernel makes the checksum.
        if (address.IsIPv4)
            BinaryPrimitives.WriteUInt16BigEndian(_segment.AsSpan(16), Checksum(address));
        family.Add(_segment, address.WithPort(0));
        return ProbeAnswer.Pending;
    }

    public int Receive(Span<ProbeReply> replies, TimeSpan wait)
    {
        foreach (var family in _families)
            family?.TryFlush();
        if (_poll.Wait(wait) == 0)
            return 0;
        var count = 0;
        foreach (var family in _families)
        {
            if (family is null)
                continue;
            while (count < replies.Length && family.TryReceive(_packet, out var segment, out var source))
                Take(Read(segment, source), replies, ref count);
            while (count < replies.Length && family.TryReceiveMessage(_packet, out var message))
                Take(ReadMessage(message, family.IsIPv4), replies, ref count);
        }
        return count;
    }

    public void Abandon(int slot) => _slots[slot].Address = null;

    public void Dispose()
    {
        foreach (var family in _families)
            family?.Dispose();
        LinuxSocket.Close(_reservation);
        _poll.Dispose();
    }

    private void Take(ProbeReply reply, Span<ProbeReply> replies, ref int count)
    {
        if (reply.Answer == ProbeAnswer.Pending)
            return;
        _slots[reply.Slot].Address = null;
        replies[count++] = reply;
    }

    /// <summary>The probe that a segment answers, and what it says; pending where it answers none.</summary>
    private ProbeReply Read(ReadOnlySpan<byte> segment, ReadOnlySpan<byte> source)
    {
        if (segment.Length < 20 || BinaryPrimitives.ReadUInt16BigEndian(segment[2..]) != _port)
            return default;
        var sequence = unchecked(BinaryPrimitives.ReadUInt32BigEndian(segment[8..]) - 1);
        var slot = Find(sequence, BinaryPrimitives.ReadUInt16BigEndian(segment));
        if (slot < 0 || !_slots[slot].Address!.Bytes.SequenceEqual(source))
            return default;
        var flags = segment[13];
        if ((flags & Reset) != 0)
            return new ProbeReply(slot, ProbeAnswer.Refused);
        return (flags & SynchroniseAcknowledge) == SynchroniseAcknowledge ? new ProbeReply(slot, ProbeAnswer.Connected) : default;
    }

    /// <summary>The probe that an ICMP message is about, which quotes its first bytes (RFC 792, RFC 4443).</summary>
    private ProbeReply ReadMessage(ReadOnlySpan<byte> message, bool isIPv4)
    {
        const int IcmpHeader = 8;
        if (message.Length < IcmpHeader + 20)
            return default;
        var quoted = message[IcmpHeader..];
        var header = isIPv4 ? (quoted[0] & 0xF) * 4 : 40;
        var protocol = isIPv4 ? quoted[9] : quoted[6];
        if (protocol != Tcp || quoted.Length < header + 8)
            return default;
        var target = isIPv4 ? quoted.Slice(16, 4) : quoted.Slice(24, 16);
        var segment = quoted[header..];
        if (BinaryPrimitives.ReadUInt16BigEndian(segment) != _port)
            return default;
        var slot = Find(BinaryPrimitives.ReadUInt32BigEndian(segment[4..]), BinaryPrimitives.ReadUInt16BigEndian(segment[2..]));
        return slot >= 0 && _slots[slot].Address!.Bytes.SequenceEqual(target)
            ? new ProbeReply(slot, ErrorQueue.Meaning(!isIPv4, message[0], message[1]))
            : default;
    }

    private int Find(uint sequence, int port)
    {
        var slot = (int)(sequence & 0xFFFF);
        return slot < _slots.Length && _slots[slot] is { Address: not null } probe && probe.Sequence == sequence && probe.Port == port ? slot : -1;
    }

    private ushort Checksum(ProbeAddress address)
    {
        // The pseudo header: both addresses, the protocol, the length (RFC 9293, section 3.1).
        var sum = InternetChecksum.Sum(address.Source, InternetChecksum.Sum(address.Bytes)) + Tcp + HeaderSize;
        return InternetChecksum.Of(_segment, sum);
    }

    /// <summary>The address that the system would send from, asked by connecting a socket that sends nothing.</summary>
    private static byte[]? SourceOf(ProbeAddress address)
    {
        var socket = LinuxSocket.Datagram(address.Family);
        if (socket < 0)
            return null;
        Span<byte> local = stackalloc byte[28];
        var isKnown = LinuxSocket.Connect(socket, address.WithPort(9)) == 0 && LinuxSocket.LocalAddress(socket, local) > 0;
        LinuxSocket.Close(socket);
        return isKnown ? (address.IsIPv4 ? local.Slice(4, 4) : local.Slice(8, 16)).ToArray() : null;
    }

    private struct Slot
    {
        public uint Sequence;
        public int Port;

        /// <summary>Whom it was sent to; null where nothing is under way.</summary>
        public ProbeAddress? Address;
    }
}
