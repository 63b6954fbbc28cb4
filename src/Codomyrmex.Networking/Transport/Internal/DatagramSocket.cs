using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// A UDP socket: the one way that datagrams leave and enter the process. It sends only where a <see cref="DatagramGate"/> has let it. Any number may
/// send, one may receive.
/// </summary>
internal sealed partial class DatagramSocket : IDisposable
{
    // What came back of datagrams to others, until somebody receives; more is counted only.
    private const int ErrorsKept = 64;

    private readonly Lock _sending = new();
    private readonly Socket _socket;
    private readonly DatagramDestination? _connected;
    private readonly SocketAddress _from;
    private readonly DatagramPeers _peers = new();
    private readonly ConcurrentQueue<DatagramError> _errors = [];
    private readonly bool _reportsErrors = Libc.IsSupported;

    private DatagramSocket(Socket socket, DatagramDestination? connected)
    {
        _socket = socket;
        _connected = connected;
        _from = new SocketAddress(socket.AddressFamily);
        IsDual = socket is { AddressFamily: AddressFamily.InterNetworkV6, DualMode: true };
        Sender = Remote = connected?.EndPoint;
    }

    public static bool SystemHasIPv6 => Socket.OSSupportsIPv6;

    /// <summary>Whether it is an IPv6 socket that takes IPv4 too.</summary>
    public bool IsDual { get; }

    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The one peer of a connected socket.</summary>
    public IPEndPoint? Remote { get; }

    /// <summary>Who sent what was received last.</summary>
    public IPEndPoint? Sender { get; private set; }

    /// <summary>Opens a socket for many peers.</summary>
    /// <exception cref="ConnectionException"><c>local.address</c>, <c>local.descriptors</c>: it cannot be bound there.</exception>
    public static DatagramSocket Bind(IPEndPoint local, DatagramTuning tuning)
    {
        Socket? socket = null;
        try
        {
            socket = tuning.Open(local.AddressFamily, tuning.DualStack && local.Address.Equals(IPAddress.IPv6Any));
            socket.Bind(local);
            return new DatagramSocket(socket, null);
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            throw new NetworkFailure
            {
                Code = ErrorMap.Code(error.SocketErrorCode) == ErrorCodes.LocalDescriptors ? ErrorCodes.LocalDescriptors : ErrorCodes.LocalAddress,
                Message = $"A UDP socket cannot be bound to {local}: {error.Message}.",
                Phase = NetworkPhase.Connect,
                Endpoint = Endpoint.Of(local),
            }.ToException(error);
        }
    }

    /// <summary>Opens a socket for one peer: the system drops what comes from others.</summary>
    /// <exception cref="ConnectionException">There is no way to the peer, or no local address.</exception>
    public static DatagramSocket Connect(DatagramDestination remote, IPAddress? from, DatagramTuning tuning)
    {
        Socket? socket = null;
        try
        {
            socket = tuning.Open(remote.EndPoint.AddressFamily, dual: false);
            if (from is not null)
                socket.Bind(new IPEndPoint(from, 0));
            // Nothing is sent: the system looks for the way and notes the peer.
            socket.Connect(remote.EndPoint);
            return new DatagramSocket(socket, remote);
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            throw DatagramFailure.Of(error.SocketErrorCode, remote.Named, NetworkPhase.Connect).ToException(error);
        }
    }

    /// <summary>Whether it can send to addresses of this family.</summary>
    public bool Takes(IPAddress address) => address.AddressFamily == _socket.AddressFamily || (IsDual && address.AddressFamily == AddressFamily.InterNetwork);

    /// <summary>Sends a datagram; of a connected socket, to its peer.</summary>
    /// <exception cref="ConnectionException">It did not leave.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> data, DatagramDestination destination, CancellationToken cancellationToken)
    {
        DemandSize(data.Length, destination);
        var sending = Begin(data, destination, cancellationToken);
        if (!sending.IsCompletedSuccessfully)
            return FinishAsync(sending, data, destination, cancellationToken);
        sending.GetAwaiter().GetResult();
        return default;
    }

    /// <summary>Receives the next datagram; <see cref="Sender"/> is then who sent it. What does not fit is cut off.</summary>
    /// <returns>Its length; more than the buffer's where the system says that it was cut.</returns>
    /// <exception cref="ConnectionException">What came back of a datagram that was sent earlier.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_errors.TryDequeue(out var known))
            throw known.ToException();
        var receiving = _connected is null
            ? _socket.ReceiveFromAsync(buffer, SocketFlags.None, _from, cancellationToken)
            : _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
        if (!receiving.IsCompletedSuccessfully)
            return FinishAsync(receiving, buffer.Length);
        if (_connected is null)
            Sender = _peers.Find(_from.Buffer.Span[.._from.Size]);
        return receiving;
    }

    /// <summary>The same, with the interface and the address it came in by; slower.</summary>
    public async ValueTask<(int Length, bool IsTruncated, IPAddress Local, int Interface)> ReceiveWithInterfaceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_errors.TryDequeue(out var known))
            throw known.ToException();
        try
        {
            var any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
            var result = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, any, cancellationToken).ConfigureAwait(false);
            var sender = (IPEndPoint)result.RemoteEndPoint;
            Sender = sender.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(sender.Address.MapToIPv4(), sender.Port) : sender;
            var local = result.PacketInformation.Address;
            return (result.ReceivedBytes, (result.SocketFlags & SocketFlags.Truncated) != 0, local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local, result.PacketInformation.Interface);
        }
        catch (SocketException error)
        {
            throw ExplainReceive(error.SocketErrorCode, error);
        }
    }

    public void Join(IPAddress group, int interfaceIndex, IPAddress? source) => DatagramGroups.Change(_socket, group, interfaceIndex, source, isJoining: true);

    public void Leave(IPAddress group, int interfaceIndex, IPAddress? source) => DatagramGroups.Change(_socket, group, interfaceIndex, source, isJoining: false);

    /// <summary>Forgets what came back of earlier datagrams, so that it is not taken for news of the next.</summary>
    /// <returns>How many notes there were.</returns>
    public int ForgetErrors()
    {
        var count = 0;
        while (TryTakeError(out _) || _errors.TryDequeue(out _))
            count++;
        // The number that the system keeps beside its queue is gone once it is read.
        _ = _socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error);
        return count;
    }

    public void Dispose() => _socket.Dispose();

    private static void DemandSize(int length, DatagramDestination destination)
    {
        if (length > destination.MostBytes)
            throw DatagramFailure.TooLarge(length, destination.MostBytes, "a datagram of UDP can be", destination.Named).ToException();
    }

    private ValueTask<int> Begin(ReadOnlyMemory<byte> data, DatagramDestination destination, CancellationToken cancellationToken)
    {
        if (_connected is not null)
            return _socket.SendAsync(data, SocketFlags.None, cancellationToken);
        // Two that send to addresses at once may take the address away from each other, inside the platform.
        lock (_sending)
            return _socket.SendToAsync(data, SocketFlags.None, destination.Address, cancellationToken);
    }

    private async ValueTask FinishAsync(ValueTask<int> sending, ReadOnlyMemory<byte> data, DatagramDestination destination, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await sending.ConfigureAwait(false);
                return;
            }
            catch (SocketException error)
            {
                if (ExplainSend(error.SocketErrorCode, destination, data.Length, tries, error) is { } explained)
                    throw explained;
                sending = Begin(data, destination, cancellationToken);
            }
        }
    }

    private async ValueTask<int> FinishAsync(ValueTask<int> receiving, int length)
    {
        try
        {
            var count = await receiving.ConfigureAwait(false);
            if (_connected is null)
                Sender = _peers.Find(_from.Buffer.Span[.._from.Size]);
            return count;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.MessageSize && !_reportsErrors)
        {
            // Windows says so of a datagram that was cut.
            if (_connected is null)
                Sender = _peers.Find(_from.Buffer.Span[.._from.Size]);
            return length + 1;
        }
        catch (SocketException error)
        {
            throw ExplainReceive(error.SocketErrorCode, error);
        }
    }

    /// <summary>What an error of a send means; null where it was about an earlier datagram to somebody else, and the send is to be tried again.</summary>
    private Exception? ExplainSend(SocketError error, DatagramDestination destination, int length, int tries, Exception? cause)
    {
        if (error is SocketError.OperationAborted or SocketError.NotSocket)
            return new ObjectDisposedException("UDPClient", cause);
        DatagramError? own = null;
        var isLate = DatagramFailure.IsLate(error);
        while (isLate && TryTakeError(out var note))
        {
            // It may be this very datagram, where this machine knows the path's limit; then the note has no port.
            if (own is null && (_connected is not null || destination.EndPoint.Equals(note.Peer) || (note.Error == SocketError.MessageSize && destination.EndPoint.Address.Equals(note.Peer?.Address))))
                own = note;
            else if (_errors.Count < ErrorsKept)
                _errors.Enqueue(note);
        }
        if (own is { } found && found.Error != SocketError.MessageSize)
            return found.ToException(NetworkPhase.Send, destination.Named);
        if (error == SocketError.MessageSize)
        {
            return own is { Limit: > 0 and var limit }
                ? DatagramFailure.TooLarge(length, limit, "the way there takes in one piece, headers included", destination.Named).ToException(cause)
                : DatagramFailure.Of(error, destination.Named, NetworkPhase.Send).ToException(cause);
        }
        // Told once: what is told again with nothing in the queue is about this datagram.
        return isLate && _connected is null && _reportsErrors && tries < 8 && (tries == 0 || !_errors.IsEmpty) ? null : DatagramFailure.Of(error, destination.Named, NetworkPhase.Send).ToException(cause);
    }

    private Exception ExplainReceive(SocketError error, Exception? cause)
    {
        if (error is SocketError.OperationAborted or SocketError.NotSocket)
            return new ObjectDisposedException("UDPClient", cause);
        while (TryTakeError(out var note) && _errors.Count < ErrorsKept)
            _errors.Enqueue(note);
        return (_errors.TryDequeue(out var first) ? first : new DatagramError(_connected?.EndPoint, error, 0)).ToException(NetworkPhase.Receive, _connected?.Named, cause);
    }

    private bool TryTakeError(out DatagramError error)
    {
        error = default;
        if (!_reportsErrors)
            return false;
        Span<byte> address = stackalloc byte[28];
        if (!LinuxErrorQueue.TryTake(_socket.SafeHandle, address, out var length, out var errno, out var limit))
            return false;
        error = new DatagramError(length > 0 ? DatagramPeers.Read(address[..length]) : _connected?.EndPoint, LinuxError.Meaning(errno), limit);
        return true;
    }
}
