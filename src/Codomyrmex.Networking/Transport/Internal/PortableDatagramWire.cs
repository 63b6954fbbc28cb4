using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Probes of UDP ports with the platform's own sockets: for every system.</summary>
internal sealed class PortableDatagramWire : IProbeWire
{
    private readonly CompletedProbes _completed;
    private readonly Socket?[] _sockets;
    private readonly IPAddress? _bind;
    private readonly Func<int, ReadOnlyMemory<byte>> _question;

    public PortableDatagramWire(int slots, IPAddress? bind, Func<int, ReadOnlyMemory<byte>> question)
    {
        Slots = slots;
        _bind = bind;
        _question = question;
        _completed = new CompletedProbes(slots);
        _sockets = new Socket?[slots];
    }

    public int Slots { get; }

    public ProbeAnswer Send(int slot, ProbeAddress address, int port)
    {
        Socket? socket = null;
        try
        {
            var remote = new IPEndPoint(address.Address, port);
            socket = new Socket(address.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (_bind is not null)
                socket.Bind(new IPEndPoint(_bind, 0));
            // Connected: only so does the system tell of ICMP messages, and only of those about this probe.
            socket.Connect(remote);
            if (remote.Equals(socket.LocalEndPoint))
            {
                socket.Dispose();
                return ProbeAnswer.MetItself;
            }
            socket.Send(_question(port).Span);
            _sockets[slot] = socket;
            _ = ReceiveAsync(slot, _completed.Begin(slot), socket);
            return ProbeAnswer.Pending;
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            return Meaning(error.SocketErrorCode);
        }
    }

    public int Receive(Span<ProbeReply> replies, TimeSpan wait) => _completed.Receive(replies, wait);

    public void Abandon(int slot)
    {
        _completed.Abandon(slot);
        _sockets[slot]?.Dispose();
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket?.Dispose();
    }

    private async Task ReceiveAsync(int slot, int use, Socket socket)
    {
        ProbeAnswer answer;
        try
        {
            await socket.ReceiveAsync(new byte[2048]).ConfigureAwait(false);
            answer = ProbeAnswer.Replied;
        }
        catch (SocketException error)
        {
            answer = Meaning(error.SocketErrorCode);
        }
        catch (ObjectDisposedException)
        {
            return;
        }
        socket.Dispose();
        if (answer != ProbeAnswer.Pending)
            _completed.Complete(slot, use, answer);
    }

    private static ProbeAnswer Meaning(SocketError error) => error switch
    {
        SocketError.ConnectionRefused or SocketError.ConnectionReset => ProbeAnswer.PortUnreachable,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit or SocketError.AddressNotAvailable => ProbeAnswer.NoRoom,
        SocketError.AccessDenied => ProbeAnswer.NotPermitted,
        SocketError.OperationAborted => ProbeAnswer.Pending,
        SocketError.HostUnreachable => ProbeAnswer.HostUnreachable,
        _ => ProbeAnswer.NoRoute,
    };
}
