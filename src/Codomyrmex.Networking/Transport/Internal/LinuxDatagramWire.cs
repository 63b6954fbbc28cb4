using System.Net;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Probes of UDP ports on Linux: a connected socket for each probe under way, so that answers and ICMP messages find the probe that they are about.
/// </summary>
internal sealed class LinuxDatagramWire : IProbeWire
{
    private const int EventsAtOnce = 256;

    private readonly LinuxPoll _poll = ProbeWires.OpenPoll(EventsAtOnce);
    private readonly ErrorQueue _errors = new();
    private readonly Func<int, ReadOnlyMemory<byte>> _question;
    private readonly ProbeAddress? _bind;
    private readonly Socket[] _sockets;
    private readonly byte[] _answer = new byte[2048];

    /// <param name="slots">Probes at a time.</param>
    /// <param name="bind">The local address; null for the system's choice.</param>
    /// <param name="question">What to send to a port.</param>
    public LinuxDatagramWire(int slots, IPAddress? bind, Func<int, ReadOnlyMemory<byte>> question)
    {
        _sockets = new Socket[slots];
        Array.Fill(_sockets, new Socket { Descriptor = -1 });
        _bind = bind is null ? null : new ProbeAddress(bind);
        _question = question;
        Slots = slots;
    }

    public int Slots { get; private set; }

    public ProbeAnswer Send(int slot, ProbeAddress address, int port)
    {
        ref var socket = ref _sockets[slot];
        if ((socket.Descriptor < 0 || socket.Family != address.Family) && !TryOpen(slot, ref socket, address))
            return ProbeAnswer.NoRoom;
        var target = address.WithPort(port);
        var error = LinuxSocket.Connect(socket.Descriptor, target);
        if (error == 0)
        {
            // To its own port it would answer itself.
            if (MetItself(socket.Descriptor, target))
            {
                Free(ref socket);
                return ProbeAnswer.MetItself;
            }
            error = LinuxSocket.Send(socket.Descriptor, _question(port).Span);
        }
        if (error == 0)
        {
            socket.IsPending = true;
            // Over loopback the answer is there already.
            return address.IsLoopback ? Ask(ref socket) : ProbeAnswer.Pending;
        }
        var answer = error switch
        {
            LinuxError.NotPermitted or LinuxError.AccessDenied => ProbeAnswer.NotPermitted,
            LinuxError.AddressNotAvailable or LinuxError.TryAgain or LinuxError.NoBuffers or LinuxError.NoMemory => ProbeAnswer.NoRoom,
            _ => ProbeAnswer.NoRoute,
        };
        Free(ref socket);
        return answer;
    }

    public int Receive(Span<ProbeReply> replies, TimeSpan wait)
    {
        var events = _poll.Wait(wait);
        var count = 0;
        for (var i = 0; i < events; i++)
        {
            var slot = (int)_poll[i].Key;
            if (!_sockets[slot].IsPending)
                continue;
            var answer = Ask(ref _sockets[slot]);
            if (answer != ProbeAnswer.Pending)
                replies[count++] = new ProbeReply(slot, answer);
        }
        return count;
    }

    public void Abandon(int slot) => Free(ref _sockets[slot]);

    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            if (socket.Descriptor >= 0)
                LinuxSocket.Close(socket.Descriptor);
        }
        _poll.Dispose();
    }

    private ProbeAnswer Ask(ref Socket socket)
    {
        var received = LinuxSocket.Receive(socket.Descriptor, _answer);
        var answer = received >= 0 ? ProbeAnswer.Replied : _errors.Read(socket.Descriptor);
        if (answer == ProbeAnswer.Pending && received != -LinuxError.TryAgain)
            answer = received == -LinuxError.ConnectionRefused ? ProbeAnswer.PortUnreachable : ProbeAnswer.NoRoute;
        if (answer != ProbeAnswer.Pending)
            Free(ref socket);
        return answer;
    }

    private bool TryOpen(int slot, ref Socket socket, ProbeAddress address)
    {
        Close(ref socket);
        var descriptor = LinuxSocket.Datagram(address.Family);
        if (descriptor >= 0)
        {
            ErrorQueue.Open(descriptor, address.IsIPv4);
            if (_poll.TryAdd(descriptor, PollEvents.Readable | PollEvents.EdgeTriggered, slot) && (_bind is null || LinuxSocket.TryBind(descriptor, _bind.WithPort(0))))
            {
                socket.Descriptor = descriptor;
                socket.Family = address.Family;
                return true;
            }
            LinuxSocket.Close(descriptor);
        }
        Slots = Math.Max(1, Math.Min(Slots, slot));
        return false;
    }

    private static bool MetItself(int descriptor, ReadOnlySpan<byte> target)
    {
        Span<byte> local = stackalloc byte[28];
        var length = LinuxSocket.LocalAddress(descriptor, local);
        return length > 0 && local[..length].SequenceEqual(target);
    }

    /// <summary>
    /// Makes a socket ready for the next probe. Disconnected, it gives its port back, so that nothing late can reach it; what is in its queues already is taken out.
    /// </summary>
    private void Free(ref Socket socket)
    {
        if (socket.Descriptor < 0)
            return;
        socket.IsPending = false;
        if (!LinuxSocket.TryDisconnect(socket.Descriptor))
        {
            Close(ref socket);
            return;
        }
        for (var i = 0; i < 16; i++)
        {
            if (LinuxSocket.Receive(socket.Descriptor, _answer) == -LinuxError.TryAgain && _errors.Read(socket.Descriptor) == ProbeAnswer.Pending)
                return;
        }
        Close(ref socket);
    }

    private static void Close(ref Socket socket)
    {
        if (socket.Descriptor >= 0)
            LinuxSocket.Close(socket.Descriptor);
        socket.Descriptor = -1;
        socket.IsPending = false;
    }

    private struct Socket
    {
        public int Descriptor;
        public int Family;
        public bool IsPending;
    }
}
