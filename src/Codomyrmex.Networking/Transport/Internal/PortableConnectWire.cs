using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Probes by connecting, with the platform's own sockets: for every system. One event object a slot, used again.</summary>
internal sealed class PortableConnectWire : IProbeWire
{
    private readonly CompletedProbes _completed;
    private readonly Attempt[] _attempts;
    private readonly IPAddress? _bind;

    public PortableConnectWire(int slots, IPAddress? bind)
    {
        Slots = slots;
        _bind = bind;
        _completed = new CompletedProbes(slots);
        _attempts = new Attempt[slots];
    }

    public int Slots { get; }

    public ProbeAnswer Send(int slot, ProbeAddress address, int port)
    {
        // An attempt that was given up is not over yet: its object is left to it.
        var attempt = _attempts[slot];
        if (attempt is null || attempt.IsBusy)
            attempt = _attempts[slot] = new Attempt(this, slot);
        Socket? socket = null;
        try
        {
            socket = new Socket(address.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
            if (_bind is not null)
                socket.Bind(new IPEndPoint(_bind, 0));
            return attempt.Start(socket, new IPEndPoint(address.Address, port), _completed.Begin(slot));
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
        _attempts[slot].Close();
    }

    public void Dispose()
    {
        foreach (var attempt in _attempts)
            attempt?.Close();
    }

    private static ProbeAnswer Meaning(SocketError error) => error switch
    {
        SocketError.Success or SocketError.IsConnected => ProbeAnswer.Connected,
        SocketError.ConnectionRefused => ProbeAnswer.Refused,
        SocketError.ConnectionReset => ProbeAnswer.ConnectedThenReset,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit or SocketError.AddressNotAvailable or
            SocketError.AddressAlreadyInUse or SocketError.TryAgain => ProbeAnswer.NoRoom,
        SocketError.AccessDenied => ProbeAnswer.NotPermitted,
        // The system's patience ended, or the attempt was given up.
        SocketError.TimedOut or SocketError.OperationAborted => ProbeAnswer.Pending,
        _ => ProbeAnswer.NoRoute,
    };

    private sealed class Attempt : SocketAsyncEventArgs
    {
        private readonly PortableConnectWire _wire;
        private readonly int _slot;
        private Socket? _socket;
        private int _use;

        // No execution context: nobody's ambient state belongs to a probe.
        public Attempt(PortableConnectWire wire, int slot) : base(true) => (_wire, _slot) = (wire, slot);

        public bool IsBusy => Volatile.Read(ref _socket) is not null;

        public ProbeAnswer Start(Socket socket, IPEndPoint remote, int use)
        {
            Volatile.Write(ref _socket, socket);
            _use = use;
            RemoteEndPoint = remote;
            return socket.ConnectAsync(this) ? ProbeAnswer.Pending : Conclude();
        }

        public void Close() => Volatile.Read(ref _socket)?.Dispose();

        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            var use = _use;
            var answer = Conclude();
            if (answer != ProbeAnswer.Pending)
                _wire._completed.Complete(_slot, use, answer);
        }

        private ProbeAnswer Conclude()
        {
            var socket = _socket!;
            var answer = Meaning(SocketError);
            try
            {
                if (answer == ProbeAnswer.Connected && RemoteEndPoint!.Equals(socket.LocalEndPoint))
                    answer = ProbeAnswer.MetItself;
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                answer = ProbeAnswer.ConnectedThenReset;
            }
            socket.Dispose();
            Volatile.Write(ref _socket, null);
            return answer;
        }
    }
}
