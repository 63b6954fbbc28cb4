using System.Buffers.Binary;
using Codomyrmex.Networking.Transport.Linux;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Probes by the first segment of a connection alone (RFC 9293, section 3.5), written by hand and sent in batches; needs CAP_NET_RAW. The kernel, which knows of no
/// connection, resets those that peers accept.
/// </summary>
/// <remarks>
/// The sequence number of a probe is something that nobody else can guess, so an answer finds its probe and no stranger can make one up. It is the same for each repeat: to a host whose answer was
/// lost, the next segment is the first one again, and it answers again; another number would only be told the old one's (RFC 9293, section 3.10.7.4). A filter in the kernel
/// lets through what answers our port alone. The port is reserved by a socket that is bound to it and does not listen.
/// </remarks>
internal sealed class LinuxSynWire : IProbeWire
{
    private const int Tcp = 6;
    private const int HeaderSize = 24;
    private const byte Synchronise = 0x02;
    private const int TurnsBetweenMessages = 16;

    private readonly int _reservation;
    private readonly ushort _port;
    private readonly SynFamily?[] _families = new SynFamily?[2];
    private readonly Slot[] _slots;
    private readonly Dictionary<uint, int> _underWay;
    private readonly byte[] _segment = new byte[HeaderSize];
    private readonly byte[] _packet = new byte[2048];
    private readonly PollRequest[] _requests = new PollRequest[4];
    private int _turns;

    private LinuxSynWire(int slots, int reservation, ushort port)
    {
        Slots = slots;
        _slots = new Slot[slots];
        _underWay = new Dictionary<uint, int>(slots);
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
        wire._requests.AsSpan().Fill(new PollRequest { Descriptor = -1 });
        return wire;
    }

    public ProbeAnswer Send(int slot, ProbeAddress address, int port)
    {
        if (_families[address.IsIPv4 ? 0 : 1] is not { } family)
            return ProbeAnswer.NotPermitted;
        if (address.Source is null && FindSource(address) is var problem and not ProbeAnswer.Pending)
            return problem;
        if (family.IsFull && !family.TryFlush())
            return ProbeAnswer.NoRoom;
        ref var probe = ref _slots[slot];
        probe.Sequence = Number(address, port);
        // Of a host that is asked twice at a time, or by chance of another one.
        while (!_underWay.TryAdd(probe.Sequence, slot))
            probe.Sequence = unchecked(probe.Sequence + 1);
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
        var count = 0;
        ReceiveSegments(replies, ref count);
        // Each question costs a call, and a descriptor that epoll(7) watches costs something with each packet: where segments come, the rest is looked at now and then.
        if (count > 0 && ++_turns % TurnsBetweenMessages != 0)
            return count;
        if (count == 0)
        {
            // Of a version that is not in use nobody reads what comes.
            for (var i = 0; i < 2; i++)
            {
                if (_families[i] is { IsUsed: true } family)
                    family.Await(_requests.AsSpan(2 * i, 2));
            }
            if (Libc.Poll(ref _requests[0], (nuint)_requests.Length, (int)Math.Ceiling(wait.TotalMilliseconds)) <= 0)
                return 0;
            ReceiveSegments(replies, ref count);
        }
        foreach (var family in _families)
        {
            while (family is { IsUsed: true } && count < replies.Length && family.TryReceiveMessage(_packet, out var message))
                Take(ReadMessage(message, family.IsIPv4), replies, ref count);
        }
        return count;
    }

    public void Abandon(int slot)
    {
        if (_slots[slot].Address is null)
            return;
        _underWay.Remove(_slots[slot].Sequence);
        _slots[slot].Address = null;
    }

    public void Dispose()
    {
        foreach (var family in _families)
            family?.Dispose();
        LinuxSocket.Close(_reservation);
    }

    private void ReceiveSegments(Span<ProbeReply> replies, ref int count)
    {
        foreach (var family in _families)
        {
            while (family is { IsUsed: true } && count < replies.Length && family.TryReceive(out var segment, out var source))
                Take(Read(segment, source), replies, ref count);
        }
    }

    private void Take(ProbeReply reply, Span<ProbeReply> replies, ref int count)
    {
        if (reply.Answer == ProbeAnswer.Pending)
            return;
        Abandon(reply.Slot);
        replies[count++] = reply;
    }

    /// <summary>The probe that a segment answers, and what it says; pending where it answers none.</summary>
    private ProbeReply Read(ReadOnlySpan<byte> segment, ReadOnlySpan<byte> source)
    {
        if (!SynReply.TryRead(segment, out var reply) || reply.Target != _port)
            return default;
        var slot = Find(reply.Sequence, reply.Source);
        if (slot < 0 || !_slots[slot].Address!.Bytes.SequenceEqual(source))
            return default;
        if (reply.IsReset)
            return new ProbeReply(slot, ProbeAnswer.Refused);
        return reply.IsAccepted ? new ProbeReply(slot, ProbeAnswer.Connected) : default;
    }

    /// <summary>The probe that an ICMP message is about, and what it says; pending where it is about none.</summary>
    private ProbeReply ReadMessage(ReadOnlySpan<byte> message, bool isIPv4)
    {
        if (!IcmpQuote.TryRead(message, isIPv4, out var quote, out var target) || quote.Source != _port)
            return default;
        var slot = Find(quote.Sequence, quote.Target);
        return slot >= 0 && _slots[slot].Address!.Bytes.SequenceEqual(target)
            ? new ProbeReply(slot, ErrorQueue.Meaning(!isIPv4, quote.Type, quote.Code))
            : default;
    }

    private int Find(uint sequence, int port)
    {
        return _underWay.TryGetValue(sequence, out var slot) && _slots[slot] is { Address: not null } probe && probe.Port == port ? slot : -1;
    }

    /// <summary>What a port of a host is asked by. Each host has a secret of its own: what it learns from its own says nothing of others.</summary>
    private static uint Number(ProbeAddress address, int port)
    {
        if (address.Secret == UInt128.Zero)
            address.Secret = SystemRandom.NextUInt128() | 1;
        var high = Math.BigMul((ulong)(address.Secret >> 64) ^ ((ulong)port * 0x9E37_79B9_7F4A_7C15), (ulong)address.Secret, out var low);
        var mixed = high ^ low;
        return (uint)(mixed ^ (mixed >> 32));
    }

    private ushort Checksum(ProbeAddress address)
    {
        // The pseudo header: both addresses, the protocol, the length (RFC 9293, section 3.1).
        var sum = InternetChecksum.Sum(address.Source, InternetChecksum.Sum(address.Bytes)) + Tcp + HeaderSize;
        return InternetChecksum.Of(_segment, sum);
    }

    /// <summary>Asks for the address that the system would send from, by connecting a socket that sends nothing. Pending where it is known then; else why not.</summary>
    private static ProbeAnswer FindSource(ProbeAddress address)
    {
        var socket = LinuxSocket.Datagram(address.Family);
        if (socket < 0)
            return Meaning(LinuxError.Last);
        Span<byte> local = stackalloc byte[28];
        var error = LinuxSocket.Connect(socket, address.WithPort(9));
        if (error == 0 && LinuxSocket.LocalAddress(socket, local) > 0)
            address.Source = (address.IsIPv4 ? local.Slice(4, 4) : local.Slice(8, 16)).ToArray();
        LinuxSocket.Close(socket);
        return address.Source is null ? Meaning(error) : ProbeAnswer.Pending;

        // That this machine lacks something for now says nothing about the way to the host.
        static ProbeAnswer Meaning(int error) => error is LinuxError.TooManyOpen or LinuxError.TooManyOpenInSystem or LinuxError.NoBuffers or LinuxError.NoMemory or LinuxError.TryAgain ? ProbeAnswer.NoRoom : ProbeAnswer.NoRoute;
    }

    private struct Slot
    {
        public uint Sequence;
        public int Port;

        /// <summary>Whom it was sent to; null where nothing is under way.</summary>
        public ProbeAddress? Address;
    }
}
