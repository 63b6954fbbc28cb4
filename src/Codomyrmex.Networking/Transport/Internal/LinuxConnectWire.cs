using System.Net;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Probes by connecting, on Linux: a pool of sockets, each registered with epoll once and connected again after every answer.
/// </summary>
/// <remarks>
/// What an event says is only a hint. What became of a connect is asked by connecting to the same address again (connect(2)): 0 or EISCONN, it
/// stands; EALREADY, it is under way; anything else is how it failed, and the socket is as good as new. So a late event of an earlier probe does no harm.
/// </remarks>
internal sealed class LinuxConnectWire : IProbeWire
{
    private const int EventsAtOnce = 256;

    private readonly LinuxPoll _poll = ProbeWires.OpenPoll(EventsAtOnce);
    private readonly ErrorQueue _errors = new();
    private readonly ProbeAddress? _bind;
    private readonly Socket[] _sockets;

    public LinuxConnectWire(int slots, IPAddress? bind)
    {
        _sockets = new Socket[slots];
        Array.Fill(_sockets, new Socket { Descriptor = -1 });
        _bind = bind is null ? null : new ProbeAddress(bind);
        Slots = slots;
    }

    public int Slots { get; private set; }

    public ProbeAnswer Send(int slot, ProbeAddress address, int port)
    {
        ref var socket = ref _sockets[slot];
        if ((socket.Descriptor < 0 || socket.Family != address.Family) && !TryOpen(slot, ref socket, address))
            return ProbeAnswer.NoRoom;
        socket.Address = address;
        socket.Port = port;
        var error = LinuxSocket.Connect(socket.Descriptor, address.WithPort(port));
        if (error is LinuxError.InProgress or LinuxError.Interrupted)
        {
            socket.IsPending = true;
            // Over loopback the answer is there already: it costs no event.
            return address.IsLoopback ? Ask(ref socket, mayHaveMail: false) : ProbeAnswer.Pending;
        }
        return Conclude(ref socket, error);
    }

    public int Receive(Span<ProbeReply> replies, TimeSpan wait)
    {
        var events = _poll.Wait(wait);
        var count = 0;
        for (var i = 0; i < events; i++)
        {
            var news = _poll[i];
            var slot = (int)news.Key;
            if (!_sockets[slot].IsPending)
                continue;
            var answer = Ask(ref _sockets[slot], (news.Events & PollEvents.Failed) != 0);
            if (answer != ProbeAnswer.Pending)
                replies[count++] = new ProbeReply(slot, answer);
        }
        return count;
    }

    public void Abandon(int slot)
    {
        ref var socket = ref _sockets[slot];
        if (socket.IsPending)
            Reset(ref socket);
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            if (socket.Descriptor >= 0)
                LinuxSocket.Close(socket.Descriptor);
        }
        _poll.Dispose();
    }

    private ProbeAnswer Ask(ref Socket socket, bool mayHaveMail)
    {
        var error = LinuxSocket.Connect(socket.Descriptor, socket.Address!.WithPort(socket.Port));
        if (error is not (LinuxError.Already or LinuxError.InProgress or LinuxError.Interrupted))
            return Conclude(ref socket, error);
        // An ICMP message that came while the call was in the kernel does not end the attempt; it is only put by.
        var message = mayHaveMail ? _errors.Read(socket.Descriptor) : ProbeAnswer.Pending;
        if (message != ProbeAnswer.Pending)
            Reset(ref socket);
        return message;
    }

    /// <summary>What a connect that is over means. The socket is ready for the next one.</summary>
    private ProbeAnswer Conclude(ref Socket socket, int error)
    {
        socket.IsPending = false;
        switch (error)
        {
            case 0:
            case LinuxError.IsConnected:
                var answer = MetItself(ref socket) ? ProbeAnswer.MetItself : ProbeAnswer.Connected;
                Reset(ref socket);
                return answer;
            // While a connection is asked for, a RST is "refused": this one came later.
            case LinuxError.ConnectionReset:
                return ProbeAnswer.ConnectedThenReset;
            case LinuxError.ConnectionRefused:
                // A firewall's ICMP "port unreachable" looks the same but for what lies in the error queue.
                var message = _errors.Read(socket.Descriptor);
                return message == ProbeAnswer.Pending ? ProbeAnswer.Refused : message;
            case LinuxError.NotPermitted:
            case LinuxError.AccessDenied:
                // ICMP's "prohibited" and this machine's own rules give the same errors.
                message = _errors.Read(socket.Descriptor);
                return message == ProbeAnswer.Pending ? ProbeAnswer.NotPermitted : message;
            case LinuxError.AddressNotAvailable:
            case LinuxError.AddressInUse:
            case LinuxError.TryAgain:
            case LinuxError.NoMemory:
            case LinuxError.NoBuffers:
                return ProbeAnswer.NoRoom;
            case LinuxError.TimedOut:
                // The system's patience ended before the scanner's; that is no answer.
                socket.IsPending = true;
                return ProbeAnswer.Pending;
            default:
                message = _errors.Read(socket.Descriptor);
                return message == ProbeAnswer.Pending ? ProbeAnswer.NoRoute : message;
        }
    }

    private bool TryOpen(int slot, ref Socket socket, ProbeAddress address)
    {
        Close(ref socket);
        var descriptor = LinuxSocket.Stream(address.Family);
        if (descriptor >= 0)
        {
            ErrorQueue.Open(descriptor, address.IsIPv4);
            if (_poll.TryAdd(descriptor, PollEvents.Writable | PollEvents.EdgeTriggered, slot) && (_bind is null || TryBind(descriptor)))
            {
                socket.Descriptor = descriptor;
                socket.Family = address.Family;
                return true;
            }
            LinuxSocket.Close(descriptor);
        }
        // Slots are handed out from the lowest: what has been opened so far is what there is.
        Slots = Math.Max(1, Math.Min(Slots, slot));
        return false;
    }

    private bool TryBind(int descriptor)
    {
        const int AddressNoPort = 24; // IP_BIND_ADDRESS_NO_PORT: the port is chosen when it is known for whom
        LinuxSocket.TrySet(descriptor, 0, AddressNoPort, 1);
        return LinuxSocket.TryBind(descriptor, _bind!.WithPort(0));
    }

    private static bool MetItself(ref Socket socket)
    {
        Span<byte> local = stackalloc byte[28];
        var length = LinuxSocket.LocalAddress(socket.Descriptor, local);
        return length > 0 && local[..length].SequenceEqual(socket.Address!.WithPort(socket.Port));
    }

    private static void Reset(ref Socket socket)
    {
        socket.IsPending = false;
        if (!LinuxSocket.TryDisconnect(socket.Descriptor))
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
        public int Port;
        public bool IsPending;
        public ProbeAddress? Address;
    }
}
