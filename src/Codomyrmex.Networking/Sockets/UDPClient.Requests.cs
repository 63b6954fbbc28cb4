using System.Net;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Sockets.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets;

/// <summary>Requests and their replies.</summary>
public sealed partial class UDPClient
{
    private readonly RequestTable _requests;

    /// <summary>
    /// Sends a request to the one peer and waits for its reply; sends it again where none comes. Any number may be under way, beside each other; while they are, nobody else can
    /// receive. What comes from elsewhere, or is the reply to none of them, is dropped and counted.
    /// </summary>
    /// <param name="request">The request. It may arrive more than once: it has to be one that can be repeated. Not to be changed until the call is over.</param>
    /// <param name="correlation">Says which datagram is the reply; see <see cref="UDPCorrelations"/>.</param>
    /// <param name="options">How it is repeated; null as <see cref="UDPClientOptions.Request"/> says.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The reply, the caller's own.</returns>
    /// <exception cref="NetworkTimeoutException"><c>timeout.first_byte</c>, <c>timeout.total</c>: no reply came, with every sending in its attempts.</exception>
    /// <exception cref="ConnectionException">The request did not leave or did not arrive.</exception>
    /// <exception cref="PolicyException">The policy denies the destination.</exception>
    public Task<UDPDatagram> RequestAsync(ReadOnlyMemory<byte> request, UDPCorrelation correlation, UDPRequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        DemandPeer();
        return RequestAsync(request, null, Endpoint!, correlation, options, cancellationToken);
    }

    /// <summary>The same from a bound client.</summary>
    /// <param name="request">The request.</param>
    /// <param name="to">To whom; the reply must come from there, address and port.</param>
    /// <param name="correlation">Says which datagram is the reply.</param>
    /// <param name="options">How it is repeated; null as <see cref="UDPClientOptions.Request"/> says.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <inheritdoc cref="RequestAsync(ReadOnlyMemory{byte}, UDPCorrelation, UDPRequestOptions?, CancellationToken)"/>
    public Task<UDPDatagram> RequestAsync(
        ReadOnlyMemory<byte> request, IPEndPoint to, UDPCorrelation correlation, UDPRequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        BoundSocket();
        return RequestAsync(request, new IPEndPoint(to.Address, to.Port), Endpoint.Of(to), correlation, options, cancellationToken);
    }

    internal async ValueTask<DatagramDestination> DestinationAsync(IPEndPoint? to, CancellationToken cancellationToken)
    {
        var socket = await SocketAsync(cancellationToken).ConfigureAwait(false);
        return to is null ? _peer! : Pass(to, socket);
    }

    internal ValueTask SendAsync(ReadOnlyMemory<byte> data, DatagramDestination destination, CancellationToken cancellationToken) =>
        SendAsync(_socket!, data, destination, cancellationToken);

    internal void ForgetErrors()
    {
        try
        {
            Interlocked.Add(ref _unreachable, _socket!.ForgetErrors());
        }
        catch (ObjectDisposedException)
        {
            // Whoever waits is told so.
        }
    }

    private async Task<UDPDatagram> RequestAsync(
        ReadOnlyMemory<byte> request, IPEndPoint? to, Endpoint endpoint, UDPCorrelation correlation, UDPRequestOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(correlation);
        options?.Validate();
        var startedAt = Options.Clock.GetTimestamp();
        var exchange = new DatagramRequestExchange(this, _requests, endpoint, new DatagramRequest(request, correlation), to, options ?? Options.Request)
        {
            StartedAt = startedAt,
            EndsAt = Deadline.After(Options.Timeouts.Total, Options.Clock, startedAt).EndOn(Options.Clock),
        };
        return await Operation.RunAsync(exchange, cancellationToken).ConfigureAwait(false);
    }
}
