using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Asks the egress policy about each destination of a socket, and remembers what it may go to: policies never change. Thread-safe.
/// </summary>
internal sealed class DatagramGate(TransportOptions options, TimeProvider clock)
{
    // A memory for the destinations in use: forgetting all of it costs one question each.
    private const int Kept = 4096;

    private readonly CachingResolver _resolver = new(options.Resolver, clock);
    private readonly EgressPolicy _policy = options.Policy;
    private readonly ConcurrentDictionary<IPEndPoint, DatagramDestination> _allowed = [];
    private readonly ConcurrentDictionary<Endpoint, Known> _named = [];
    private DatagramDestination? _last;

    /// <summary>The destination at an address.</summary>
    /// <exception cref="PolicyException">The policy denies it.</exception>
    /// <exception cref="ConnectionException"><c>udp.unreachable</c>: the socket is of the other family.</exception>
    public DatagramDestination Pass(IPEndPoint endPoint, DatagramSocket socket)
    {
        // The one that was asked about last is the one that is asked about next.
        if (Volatile.Read(ref _last) is { } last && last.EndPoint.Port == endPoint.Port && last.EndPoint.Address.Equals(endPoint.Address))
            return last;
        if (!_allowed.TryGetValue(endPoint, out var destination))
        {
            var address = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
            var own = new IPEndPoint(address, endPoint.Port);
            var named = Endpoint.Of(own);
            DemandPort(endPoint.Port, named);
            PolicyGate.Demand(_policy.CheckTarget(null, named.Host, named.Port), named);
            destination = Make(named, own, socket);
            if (_allowed.Count >= Kept)
                _allowed.Clear();
            // The caller's own object could be changed.
            _allowed[own] = destination;
        }
        Volatile.Write(ref _last, destination);
        return destination;
    }

    /// <summary>The destination of a name, once it is resolved.</summary>
    /// <exception cref="PolicyException">The policy denies the name, or all of its addresses.</exception>
    /// <exception cref="DNSResolutionException">The name has no address that can be used.</exception>
    public async ValueTask<DatagramDestination> PassAsync(Endpoint endpoint, DatagramSocket socket, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(endpoint, cancellationToken).ConfigureAwait(false);
        // The same answer of the resolver was judged before.
        if (_named.TryGetValue(endpoint, out var known) && ReferenceEquals(known.Addresses, addresses))
            return known.Destination;
        var allowed = PolicyGate.Filter(_policy, null, endpoint, addresses);
        var address = allowed.FirstOrDefault(socket.Takes) ??
            throw DatagramFailure.WrongFamily(endpoint, string.Join(", ", allowed)).ToException();
        var destination = Make(endpoint, new IPEndPoint(address, endpoint.Port), socket);
        if (_named.Count >= Kept)
            _named.Clear();
        _named[endpoint] = new Known(addresses, destination);
        return destination;
    }

    /// <summary>The addresses of a name that may be gone to, for a socket that is still to be opened.</summary>
    public async ValueTask<IReadOnlyList<DatagramDestination>> PassAllAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(endpoint, cancellationToken).ConfigureAwait(false);
        return [.. PolicyGate.Filter(_policy, null, endpoint, addresses).Select(address => DatagramDestination.Allowed(endpoint, new IPEndPoint(address, endpoint.Port), isMapped: false))];
    }

    private ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        PolicyGate.Demand(_policy.CheckTarget(null, endpoint.Host, endpoint.Port), endpoint);
        return _resolver.ResolveAsync(endpoint.Host, endpoint.Port, cancellationToken);
    }

    private static DatagramDestination Make(Endpoint named, IPEndPoint endPoint, DatagramSocket socket) => socket.Takes(endPoint.Address)
        ? DatagramDestination.Allowed(named, endPoint, socket.IsDual && endPoint.AddressFamily == AddressFamily.InterNetwork)
        : throw DatagramFailure.WrongFamily(named, endPoint.Address.ToString()).ToException();

    private static void DemandPort(int port, Endpoint named)
    {
        if (port == 0)
            throw new ArgumentException($"{named} has no port to send to.", nameof(port));
    }

    private sealed record Known(IReadOnlyList<IPAddress> Addresses, DatagramDestination Destination);
}
