using System.Net;
using System.Text;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Sockets.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets;

/// <summary>
/// Sends and receives datagrams: with one peer (<see cref="ConnectAsync(string, int, UDPClientOptions?, CancellationToken)"/>), or bound to an address, with everybody
/// (<see cref="Bind"/>). Thread-safe: any number may send and make requests, one receives.
/// </summary>
/// <remarks>
/// <para>The egress policy is asked about each destination, whether named or answered to, before a datagram goes there.</para>
/// <para>
/// A datagram may be lost, come twice, or late, and anybody can write any sender into it: who needs to know that a reply is one uses
/// <see cref="RequestAsync(ReadOnlyMemory{byte}, UDPCorrelation, UDPRequestOptions?, CancellationToken)"/>.
/// </para>
/// <para>
/// That a datagram did not arrive is told where the network says so: to a receive or the next send to that peer, as a <see cref="ConnectionException"/>. The client can be used
/// on.
/// </para>
/// </remarks>
public sealed partial class UDPClient : IAsyncDisposable, IAsyncEnumerable<UDPDatagram>
{
    private readonly DatagramGate _gate;
    private readonly DatagramTuning _tuning;
    private readonly SemaphoreSlim _opening = new(1);
    private DatagramSocket? _socket;
    private DatagramDestination? _peer;
    private bool _isDisposed;
    private long _sent;
    private long _unreachable;

    /// <summary>Makes a client for one peer; nothing is resolved or opened yet.</summary>
    /// <param name="host">Host name or address.</param>
    /// <param name="port">Port, 1 to 65535.</param>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is wrong; its name is in the message.</exception>
    public UDPClient(string host, int port, UDPClientOptions? options = null) : this(options ?? UDPClientOptions.Default)
    {
        HostArgument.Demand(host, nameof(host));
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        Endpoint = new Endpoint(host, port);
    }

    private UDPClient(UDPClientOptions options)
    {
        options.Validate();
        Options = options;
        _gate = new DatagramGate(options.Transport, options.Clock);
        _requests = new RequestTable(this, options.MaxRequests);
        _tuning = new DatagramTuning
        {
            ReceiveBuffer = options.Transport.ReceiveBufferSize,
            SendBuffer = options.Transport.SendBufferSize,
            DualStack = options.DualStack,
            ReuseAddress = options.ReuseAddress,
            Broadcast = options.AllowBroadcast,
            DontFragment = options.DontFragment,
            Coalesce = options.CoalesceReceived,
            ReportsInterface = options.ReportsInterface,
            TimeToLive = options.TimeToLive,
            MulticastTimeToLive = options.Multicast.TimeToLive,
            MulticastLoopback = options.Multicast.Loopback,
            MulticastInterface = options.Multicast.InterfaceIndex,
        };
    }

    /// <summary>The one peer, as it was named; null of a bound client.</summary>
    public Endpoint? Endpoint { get; }

    /// <summary>Its settings.</summary>
    public UDPClientOptions Options { get; }

    /// <summary>The address on this side; null before it is connected.</summary>
    public IPEndPoint? LocalEndPoint => Volatile.Read(ref _socket)?.Local;

    /// <summary>The address of the one peer; null of a bound client, and before it is connected.</summary>
    public IPEndPoint? RemoteEndPoint => Volatile.Read(ref _socket)?.Remote;

    /// <summary>The port on this side.</summary>
    /// <exception cref="InvalidOperationException">It is not connected yet.</exception>
    public int Port => LocalEndPoint?.Port ?? throw new InvalidOperationException("The client is not connected yet.");

    /// <summary>Makes a client and connects it to one peer: its name is resolved, and the system lets nobody else's datagrams in. Nothing is sent.</summary>
    /// <param name="host">Host name or address. Of several addresses, the first to which there is a way.</param>
    /// <param name="port">Port, 1 to 65535.</param>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="NetworkException">The name has no address, the policy denies it, or there is no way to it.</exception>
    public static async Task<UDPClient> ConnectAsync(string host, int port, UDPClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        var client = new UDPClient(host, port, options);
        await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
        return client;
    }

    /// <summary>Makes a client that exchanges datagrams with everybody: a server, or one that asks many.</summary>
    /// <param name="endPoint">The address and port to bind to, port 0 for any free one; null for any port of all addresses, IPv6 and IPv4.</param>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ConnectionException"><c>local.address</c>: it cannot be bound there.</exception>
    public static UDPClient Bind(IPEndPoint? endPoint = null, UDPClientOptions? options = null)
    {
        var client = new UDPClient(options ?? UDPClientOptions.Default);
        endPoint ??= new IPEndPoint(client.Options.DualStack && DatagramSocket.SystemHasIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        client._socket = DatagramSocket.Bind(endPoint, client._tuning);
        return client;
    }

    /// <summary>Connects, where that is not done yet: what every other call does unasked. Of a bound client it does nothing.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="NetworkException">The name has no address, the policy denies it, or there is no way to it.</exception>
    public ValueTask ConnectAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Volatile.Read(ref _socket) is null ? new(OpenAsync(cancellationToken)) : default;
    }

    /// <summary>Sends a datagram to the one peer.</summary>
    /// <param name="data">What is in it; empty is a datagram too. Not to be changed until the call is over.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the system's buffer.</param>
    /// <exception cref="ConnectionException">
    /// It did not leave: it is too large (<c>udp.too_large</c>), an earlier one came back (<c>udp.refused</c>, <c>udp.unreachable</c>), or a local reason.
    /// </exception>
    /// <exception cref="PolicyException">The policy denies the destination.</exception>
    /// <exception cref="InvalidOperationException">The client has no one peer.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        DemandPeer();
        return Volatile.Read(ref _socket) is { } socket && !_isDisposed ? SendAsync(socket, data, _peer!, cancellationToken) : ConnectAndSendAsync(data, cancellationToken);
    }

    /// <summary>Sends a datagram of text in UTF-8 to the one peer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the system's buffer.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default) =>
        SendAsync(Encoding.UTF8.GetBytes(text ?? throw new ArgumentNullException(nameof(text))), cancellationToken);

    /// <summary>Sends a datagram from a bound client.</summary>
    /// <param name="data">What is in it.</param>
    /// <param name="to">To whom: an address, a group, or a broadcast address where <see cref="UDPClientOptions.AllowBroadcast"/> lets it.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the system's buffer.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> data, IPEndPoint to, CancellationToken cancellationToken = default)
    {
        var socket = BoundSocket();
        try
        {
            return SendAsync(socket, data, Pass(to, socket), cancellationToken);
        }
        catch (NetworkException error)
        {
            return ValueTask.FromException(error);
        }
    }

    /// <summary>Sends a datagram from a bound client to a host by its name.</summary>
    /// <param name="data">What is in it.</param>
    /// <param name="host">Host name or address; resolved as everywhere here, answers are kept for their time.</param>
    /// <param name="port">Port, 1 to 65535.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    /// <exception cref="DNSResolutionException">The name has no address.</exception>
    /// <exception cref="NetworkTimeoutException"><c>timeout.resolve</c>.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> data, string host, int port, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        var socket = BoundSocket();
        var destination = await ResolveAsync(new Endpoint(host, port), token => _gate.PassAsync(new Endpoint(host, port), socket, token), cancellationToken).ConfigureAwait(false);
        await SendAsync(socket, data, destination, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What it has done so far.</summary>
    public UDPStatistics GetStatistics() => new(
        Volatile.Read(ref _sent), Volatile.Read(ref _received), Volatile.Read(ref _truncated), _requests.FromElsewhere, _requests.Unmatched,
        Volatile.Read(ref _unreachable), _requests.Retransmitted);

    /// <summary>Closes it: whoever receives or waits for a reply is told.</summary>
    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        Volatile.Read(ref _socket)?.Dispose();
        return _requests.CloseAsync();
    }

    /// <summary><c>host:port</c> of the one peer, or the address it is bound to.</summary>
    public override string ToString() => Endpoint?.ToString() ?? LocalEndPoint?.ToString() ?? "";

    internal static bool IsOfPeer(ConnectionException error) => error.Code is ErrorCodes.UdpRefused or ErrorCodes.UdpUnreachable or ErrorCodes.UdpTooLarge;

    private ValueTask SendAsync(DatagramSocket socket, ReadOnlyMemory<byte> data, DatagramDestination destination, CancellationToken cancellationToken)
    {
        ValueTask sending;
        try
        {
            sending = socket.SendAsync(data, destination, cancellationToken);
        }
        catch (NetworkException error)
        {
            return ValueTask.FromException(error);
        }
        Interlocked.Increment(ref _sent);
        return sending.IsCompletedSuccessfully ? default : CountFailureAsync(sending, 1);
    }

    private async ValueTask CountFailureAsync(ValueTask sending, int count)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Interlocked.Add(ref _sent, -count);
            if (error is ConnectionException connection && IsOfPeer(connection))
                Interlocked.Increment(ref _unreachable);
            throw;
        }
    }

    private async ValueTask ConnectAndSendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var socket = await SocketAsync(cancellationToken).ConfigureAwait(false);
        await SendAsync(socket, data, _peer!, cancellationToken).ConfigureAwait(false);
    }

    private void DemandPeer()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Endpoint is null)
            throw new InvalidOperationException("The client is bound and has no one peer: say to whom.");
    }

    private DatagramSocket BoundSocket()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Endpoint is null ? _socket! : throw new InvalidOperationException($"The client is connected to {Endpoint} and sends to nobody else.");
    }

    private DatagramDestination Pass(IPEndPoint to, DatagramSocket socket)
    {
        ArgumentNullException.ThrowIfNull(to);
        return _gate.Pass(to, socket);
    }

    private async ValueTask<DatagramSocket> SocketAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _socket) is null)
            await ConnectAsync(cancellationToken).ConfigureAwait(false);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _socket!;
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_socket is not null)
                return;
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var startedAt = Options.Clock.GetTimestamp();
            var exchange = new DatagramConnectExchange(Endpoint!, Options, _gate, _tuning)
            {
                StartedAt = startedAt,
                EndsAt = Deadline.After(Options.Timeouts.Total, Options.Clock, startedAt).EndOn(Options.Clock),
            };
            var (socket, peer) = await Operation.RunAsync(exchange, cancellationToken).ConfigureAwait(false);
            _peer = peer;
            // A full fence: whoever disposes sees it, or is seen here.
            Interlocked.Exchange(ref _socket, socket);
            if (_isDisposed)
            {
                socket.Dispose();
                throw new ObjectDisposedException(nameof(UDPClient));
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    private async ValueTask<T> ResolveAsync<T>(Endpoint endpoint, Func<CancellationToken, ValueTask<T>> resolve, CancellationToken cancellationToken)
    {
        var resolving = resolve(cancellationToken);
        if (resolving.IsCompleted)
            return await resolving.ConfigureAwait(false);
        try
        {
            return await resolving.AsTask().WaitAsync(Options.Timeouts.Resolve, Options.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw DatagramConnectExchange.ResolvedTooLate(endpoint, Options.Timeouts.Resolve).ToException(error);
        }
    }
}
