using System.Net.Sockets;
using System.Net;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// What the dialer asks: literals and fixed hosts first, then the cache, then one query for all who wait for the same name.
/// Safe to share between threads.
/// </summary>
internal sealed class CachingResolver
{
    internal const int Capacity = 1024;

    private readonly ResolverOptions _options;
    private readonly TimeProvider _clock;
    private readonly IResolver _resolver;
    private readonly HostMap _hosts;
    private readonly IPAddress[] _loopback;
    private readonly LookupCache _cache;
    private readonly Dictionary<string, LookupFlight> _flights = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _lock = new();

    internal CachingResolver(ResolverOptions options, TimeProvider clock)
    {
        options.Validate();
        _options = options;
        _clock = clock;
        _hosts = new HostMap(options);
        _cache = new LookupCache(options, clock, Capacity);
        _resolver = options.Custom ??
            (options.Server is { } server ? new DnsServerResolver([server], options.Families, clock) : new SystemResolver(options.Families, clock));
        _loopback = AddressFilter.Apply(
            Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback], options.Families);
    }

    /// <summary>The addresses to dial, in the order of preference; never empty. A remembered answer costs no allocation.</summary>
    /// <param name="host">A host name or an IP address, the latter with or without brackets.</param>
    /// <param name="port">The port, which fixed addresses may depend on.</param>
    /// <param name="cancellationToken">Ends this caller's wait; others that wait for the same name are not disturbed.</param>
    /// <exception cref="DNSResolutionException">The name cannot be resolved to a usable address.</exception>
    internal ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, int port, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<IReadOnlyList<IPAddress>>(cancellationToken);
        var text = HostText.ParseStrict(host);
        if (text.Problem is { } problem)
            return Fail(InvalidName(host, problem), host, port);
        if (text.IsAddress)
            return AddressFilter.Apply([text.ToAddress()], _options.Families) is [var literal] ? new([literal]) : Fail(AddressFilter.NoneLeft(host, _options.Families), host, port);
        if (_hosts.Find(text.Name, port) is { } pinned)
            return Known(pinned, host, port);
        if (_cache.Find(text.Name) is { } known)
            return known.Failure is null ? new(known.Addresses) : Fail(known.Failure, host, port, known.Cause);
        var name = text.Canonical();
        // RFC 6761, section 6.3: never asked of a server, so that no one else can say where it points.
        if (name == "localhost" || name.EndsWith(".localhost", StringComparison.Ordinal))
            return Known(_loopback, host, port);
        return ShareAsync(host, name, port, cancellationToken);
    }

    /// <summary>Forgets the answer for a host, since nobody could be reached by it: whoever asks next gets a fresh one.</summary>
    internal void Forget(string host)
    {
        var text = HostText.ParseStrict(host);
        if (text.Problem is null && !text.IsAddress)
            _cache.Remove(text.Canonical());
    }

    private async ValueTask<IReadOnlyList<IPAddress>> ShareAsync(string host, string name, int port, CancellationToken cancellationToken)
    {
        var start = _clock.GetTimestamp();
        LookupFlight? flight;
        var isFirst = false;
        lock (_lock)
        {
            if (!_flights.TryGetValue(name, out flight))
            {
                flight = new LookupFlight();
                // A flight may have landed since the cache was asked.
                if (_cache.Find(name) is { } known)
                    flight.Complete(known);
                else
                {
                    _flights.Add(name, flight);
                    isFirst = true;
                }
            }
            flight.Waiters++;
        }
        if (isFirst)
            _ = FlyAsync(name, flight);
        Lookup lookup;
        try
        {
            lookup = await flight.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(name, flight);
        }
        return lookup.Failure is null ? lookup.Addresses : throw lookup.ToException(new Endpoint(host, port), _clock.GetElapsedTime(start));
    }

    private void Leave(string name, LookupFlight flight)
    {
        lock (_lock)
        {
            if (--flight.Waiters > 0 || flight.Task.IsCompleted)
                return;
            Forget(name, flight);
        }
        flight.Abandon();
    }

    private async Task FlyAsync(string name, LookupFlight flight)
    {
        var lookup = await AskAsync(name, flight.Abandoned).ConfigureAwait(false);
        _cache.Store(name, lookup);
        lock (_lock)
        {
            Forget(name, flight);
        }
        flight.Complete(lookup);
    }

    private void Forget(string name, LookupFlight flight)
    {
        // Another flight for the name may have started after this one was abandoned.
        if (_flights.TryGetValue(name, out var current) && ReferenceEquals(current, flight))
            _flights.Remove(name);
    }

    /// <summary>Asks, and turns whatever a resolver does, a foreign one too, into an answer or a failure of our own.</summary>
    private async Task<Lookup> AskAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _resolver.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
            var usable = AddressFilter.Apply(answer.Addresses, _options.Families);
            return usable.Length > 0
                ? Lookup.Found(usable, answer.TimeToLive)
                : Lookup.Failed(AddressFilter.NoneLeft(name, answer.Addresses.Count == 0 ? IPFamilies.Both : _options.Families));
        }
        catch (NetworkException error)
        {
            return Lookup.Failed(error.Failure, error.InnerException);
        }
        catch (SocketException error)
        {
            return Lookup.Failed(SystemResolver.Failure(name, error.SocketErrorCode, TimeSpan.Zero), error);
        }
        catch (Exception error)
        {
            // A cancellation that nobody asked for is the resolver's own timeout.
            var timedOut = error is OperationCanceledException or TimeoutException;
            return Lookup.Failed(new NetworkFailure
            {
                Code = timedOut ? ErrorCodes.DnsTimeout : ErrorCodes.DnsServerFailure,
                Message = timedOut
                    ? $"Cannot resolve '{name}': the resolver gave up waiting."
                    : $"Cannot resolve '{name}': the resolver failed with {error.GetType().Name}.",
                Phase = NetworkPhase.Resolve,
            }, error);
        }
    }

    private ValueTask<IReadOnlyList<IPAddress>> Known(IPAddress[] addresses, string host, int port) =>
        addresses.Length > 0 ? new(addresses) : Fail(AddressFilter.NoneLeft(host, _options.Families), host, port);

    private static ValueTask<IReadOnlyList<IPAddress>> Fail(NetworkFailure failure, string host, int port, Exception? cause = null) =>
        ValueTask.FromException<IReadOnlyList<IPAddress>>((failure with { Endpoint = new Endpoint(host, port), Elapsed = TimeSpan.Zero }).ToException(cause));

    internal static NetworkFailure InvalidName(string host, string problem) => new()
    {
        Code = ErrorCodes.DnsNotFound,
        Message = $"Cannot resolve '{Printable.Text(host)}': it {problem}.",
        Hint = "Check the spelling. Write an IPv4 address as four decimal numbers without leading zeros (127.0.0.1), an IPv6 address as in RFC 5952 (::1).",
        Phase = NetworkPhase.Resolve,
    };
}
