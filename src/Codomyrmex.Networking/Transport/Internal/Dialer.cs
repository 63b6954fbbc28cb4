using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The one way out of the process: resolve → policy on each address → race to the checked addresses → proxy → TLS. Every protocol's
/// connection comes from here, as a stream.
/// </summary>
internal sealed class Dialer
{
    private const int WinnersKept = 1024;

    private readonly TransportOptions _options;
    private readonly CachingResolver _resolver;
    private readonly NoProxy? _noProxy;
    private readonly ConcurrentDictionary<string, IPAddress> _winners = new(StringComparer.OrdinalIgnoreCase);

    public Dialer(TransportOptions options, TimeProvider clock)
    {
        _options = options;
        Clock = clock;
        _resolver = new CachingResolver(options.Resolver, clock);
        // All of a pool bypass the same hosts.
        _noProxy = (options.Proxy ?? options.Proxies?.Proxies[0]) is { } proxy ? NoProxy.Parse(proxy.NoProxy) : null;
    }

    public TimeProvider Clock { get; }

    /// <summary>Whether connections to a host go through the proxy.</summary>
    public bool UsesProxy(string host, int port) => _noProxy is not null && !_noProxy.Bypasses(host, port);

    /// <summary>Makes a connection: a <see cref="DialedStream"/>, or an <see cref="SslStream"/> over one.</summary>
    /// <param name="target">What to connect to.</param>
    /// <param name="timeouts">The limits of each phase.</param>
    /// <param name="trace">Filled in as the dial goes on, for whoever waits for it.</param>
    /// <param name="cancellationToken">Cancels the dial.</param>
    public async Task<Stream> DialAsync(DialTarget target, Timeouts timeouts, DialTrace trace, CancellationToken cancellationToken)
    {
        var dial = new DialSteps(timeouts, trace, cancellationToken);
        try
        {
            PolicyGate.Demand(_options.Policy.CheckTarget(target.Scheme, target.Endpoint.Host, target.Endpoint.Port), target.Endpoint);
            target = target with { Endpoint = InItsOneSpelling(target.Endpoint) };
            _options.Budget?.DemandTime(target.Endpoint);
            _options.Budget?.SpendConnection(target.Endpoint);
            var wire = await OpenAsync(target, dial).ConfigureAwait(false);
            var raw = trace.Stream = new DialedStream(_options.Budget is { } budget ? new BudgetedStream(wire, budget, target.Endpoint) : wire, trace);
            var stream = target.UseTls
                ? await dial.RunAsync(NetworkPhase.Tls, ct => TlsConnector.ConnectAsync(raw, _options.Tls, target.Endpoint.Host, target.Protocols, ct)).ConfigureAwait(false)
                : raw;
            trace.IsMade = true;
            return stream;
        }
        catch (NetworkException error)
        {
            error.Complete(error.Failure with
            {
                // What lies beneath has attempts of its own.
                Attempts = error.Layers.Count > 0 ? error.Attempts : trace.Attempts,
                Layers = error.Layers.Count > 0 ? [target.LayerName, .. error.Layers]
                    : trace.ThroughProxy is { } proxy && error is ProxyException or { Failure.BlamesProxy: true } or { Phase: NetworkPhase.Proxy } ? [target.LayerName, proxy.LayerName]
                    : [target.LayerName],
                Endpoint = error.Endpoint ?? target.Endpoint,
                Elapsed = Clock.GetElapsedTime(trace.StartedAt),
            });
            throw;
        }
        finally
        {
            trace.IsDone = true;
        }
    }

    /// <summary>What is connected to, told to a proxy and looked for in a certificate is, byte for byte, the host as the policy has read it.</summary>
    private static Endpoint InItsOneSpelling(Endpoint endpoint)
    {
        var host = HostText.ParseStrict(endpoint.Host);
        if (host.Problem is { } problem)
            throw CachingResolver.InvalidName(endpoint.Host, problem).ToException();
        return endpoint with { Host = host.Canonical() };
    }

    private async Task<Stream> OpenAsync(DialTarget target, DialSteps dial)
    {
        if (_options.UnixSocketPath is { } path)
        {
            var local = await dial.RunAsync(NetworkPhase.Connect, ct => TcpConnector.ConnectUnixAsync(path, _options, dial.Trace, ct)).ConfigureAwait(false);
            dial.Trace.End = new WireEnd(local);
            return local;
        }
        if (!UsesProxy(target.Endpoint.Host, target.Endpoint.Port))
            return await ConnectAsync(target.Endpoint, target, dial).ConfigureAwait(false);
        return _options.Proxy is { } proxy
            ? await OpenThroughProxyAsync(proxy, target, dial).ConfigureAwait(false)
            : await OpenThroughPoolAsync(_options.Proxies!, target, dial).ConfigureAwait(false);
    }

    /// <summary>Takes a proxy for this dial alone. HTTP takes one for each attempt instead, with connections of its own.</summary>
    private async Task<Stream> OpenThroughPoolAsync(ProxyPool proxies, DialTarget target, DialSteps dial)
    {
        var lease = proxies.Take(null, target.Endpoint);
        try
        {
            var stream = await OpenThroughProxyAsync(lease.Proxy, target, dial).ConfigureAwait(false);
            lease.Succeeded();
            return stream;
        }
        catch (NetworkException error)
        {
            lease.Judge(error);
            throw;
        }
    }

    /// <summary>Connects to an endpoint: the target itself, which the policy governs, or a proxy, which the operator chose.</summary>
    private async Task<Stream> ConnectAsync(Endpoint endpoint, DialTarget? governed, DialSteps dial)
    {
        if (_options.DialOver is { } dialOver)
        {
            dial.Trace.Underlay = dialOver.Target as IUnderlay;
            var over = governed is null || _options.Policy.VouchesFor(governed.Scheme, endpoint.Host, endpoint.Port)
                ? await OverAsync(dialOver, endpoint, dial).ConfigureAwait(false)
                : await OverCheckedAsync(dialOver, endpoint, governed, dial).ConfigureAwait(false);
            dial.Trace.Beneath = (over as ILayered)?.Layers ?? [];
            dial.Trace.End = new WireEnd(over);
            return over;
        }
        var addresses = await ResolveAsync(endpoint, governed, dial).ConfigureAwait(false);
        var ordered = AddressRace.Order(addresses, _winners.GetValueOrDefault(endpoint.Host));
        var before = dial.Trace.Attempts.Count;
        Stream stream;
        try
        {
            stream = await dial.RunAsync(NetworkPhase.Connect, ct => AddressRace.RunAsync(ordered, _options.ConnectionAttemptDelay, Clock,
                (address, token) => TcpConnector.ConnectAsync(address, endpoint.Port, _options, dial.Trace, token), ct)).ConfigureAwait(false);
        }
        catch (NetworkException error)
        {
            // The host may have moved.
            _resolver.Forget(endpoint.Host);
            var tried = dial.Trace.Attempts.Skip(before).Select(static attempt => $"{attempt.Address} {attempt.Code}").ToArray();
            if (ordered.Count == 1 || tried.Length == 0)
                throw;
            throw (error.Failure with { Message = $"{error.Message} Tried: {string.Join(", ", tried)}." }).ToException(error.InnerException);
        }
        // Of the stream that won: a loser may have connected just as well, a moment later.
        dial.Trace.End = new WireEnd(stream);
        dial.Trace.Remote = dial.Trace.End.Remote;
        Remember(endpoint.Host, ordered, dial.Trace.Remote);
        return stream;
    }

    private static Task<Stream> OverAsync(Func<Endpoint, CancellationToken, ValueTask<Stream>> dialOver, Endpoint endpoint, DialSteps dial) =>
        dial.RunAsync(NetworkPhase.Connect, ct => DialOverAsync(dialOver, endpoint, ct));

    /// <summary>What lies beneath gets an address that we have checked, another one only where it could not reach the first: a name would be looked up where nobody here sees what it leads to.</summary>
    private async Task<Stream> OverCheckedAsync(Func<Endpoint, CancellationToken, ValueTask<Stream>> dialOver, Endpoint endpoint, DialTarget governed, DialSteps dial)
    {
        var addresses = await ResolveAsync(endpoint, governed, dial).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            var start = Clock.GetTimestamp();
            try
            {
                return await OverAsync(dialOver, Endpoint.Of(new IPEndPoint(addresses[i], endpoint.Port)), dial).ConfigureAwait(false);
            }
            catch (NetworkException error) when (error.IsTransient && i + 1 < addresses.Count)
            {
                dial.Trace.Tried(addresses[i].ToString(), Clock.GetElapsedTime(start), error.Code);
            }
        }
    }

    /// <summary>Resolves a host and keeps the addresses that the policy allows, where it governs the target.</summary>
    private async Task<IReadOnlyList<IPAddress>> ResolveAsync(Endpoint endpoint, DialTarget? governed, DialSteps dial)
    {
        var addresses = dial.Trace.Resolved = await dial.RunAsync(NetworkPhase.Resolve,
            ct => _resolver.ResolveAsync(endpoint.Host, endpoint.Port, ct).AsTask()).ConfigureAwait(false);
        return governed is null ? addresses : PolicyGate.Filter(_options.Policy, governed.Scheme, endpoint, addresses);
    }

    private async Task<Stream> OpenThroughProxyAsync(ProxyOptions proxy, DialTarget target, DialSteps dial)
    {
        if (_options.Policy.IsRestrictive && !proxy.TrustedForEgress)
            throw PolicyGate.UntrustedProxy(proxy, target.Endpoint);
        dial.Trace.ThroughProxy = proxy;
        if (target.StopAtProxy)
            return await ConnectToProxyAsync(proxy, target, dial).ConfigureAwait(false);
        if (proxy.Kind != ProxyKind.Socks5)
            return await TunnelAsync(proxy, target, null, dial).ConfigureAwait(false);

        // The proxy gets an address that we have checked; another one only where it could not reach the first.
        var addresses = await ResolveAsync(target.Endpoint, target, dial).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            var start = Clock.GetTimestamp();
            try
            {
                return await TunnelAsync(proxy, target, addresses[i], dial).ConfigureAwait(false);
            }
            catch (ProxyException error) when (error.IsTransient && i + 1 < addresses.Count)
            {
                dial.Trace.Tried(addresses[i].ToString(), Clock.GetElapsedTime(start), error.Code);
            }
        }
    }

    private async Task<Stream> TunnelAsync(ProxyOptions proxy, DialTarget target, IPAddress? address, DialSteps dial)
    {
        var stream = await ConnectToProxyAsync(proxy, target, dial).ConfigureAwait(false);
        try
        {
            return await dial.RunAsync(NetworkPhase.Proxy, async ct =>
            {
                await ProxyTunnel.OpenAsync(stream, proxy, target.Endpoint, address, ct).ConfigureAwait(false);
                return stream;
            }).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            // A proxy that does not answer is no better than one that is not there.
            if (error is NetworkTimeoutException silent)
                silent.Complete(silent.Failure with { BlamesProxy = true });
            throw;
        }
    }

    private async Task<Stream> ConnectToProxyAsync(ProxyOptions proxy, DialTarget target, DialSteps dial)
    {
        try
        {
            var stream = await ConnectAsync(new Endpoint(proxy.Host, proxy.Port), governed: null, dial).ConfigureAwait(false);
            if (proxy.Kind != ProxyKind.Https)
                return stream;
            // What is said of the target's certificate is not said of the proxy's; the roots are this machine's either way.
            var tls = new TlsOptions { MinimumVersion = _options.Tls.MinimumVersion, TrustedRoots = _options.Tls.TrustedRoots };
            return await dial.RunAsync(NetworkPhase.Proxy,
                ct => TlsConnector.ConnectAsync(new DialedStream(stream, dial.Trace), tls, proxy.Host, [], ct)).ConfigureAwait(false);
        }
        catch (ConnectionException error)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.ProxyRefused,
                Message = $"The proxy {proxy} could not be reached: {error.Message}",
                Phase = NetworkPhase.Proxy,
                Endpoint = target.Endpoint,
                BlamesProxy = true,
            }.ToException(error);
        }
        catch (NetworkException error)
        {
            error.Complete(error.Failure with { BlamesProxy = true });
            throw;
        }
    }

    private static async Task<Stream> DialOverAsync(Func<Endpoint, CancellationToken, ValueTask<Stream>> dialOver, Endpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return await dialOver(endpoint, cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException error) when (error.Layers.Count == 0)
        {
            error.Complete(error.Failure with { Layers = [error.Endpoint?.ToString() ?? "the stream underneath"] });
            throw;
        }
        catch (Exception error) when (error is not (NetworkException or OperationCanceledException))
        {
            throw new NetworkFailure
            {
                Code = ErrorMap.Code(error, inBody: false),
                Message = $"The stream underneath to {endpoint} could not be opened: {error.Message}",
                Phase = NetworkPhase.Connect,
                Endpoint = endpoint,
            }.ToException(error);
        }
    }

    private void Remember(string host, IReadOnlyList<IPAddress> candidates, EndPoint? winner)
    {
        if (candidates.Count < 2 || winner is not IPEndPoint { Address: var address })
            return;
        // A memory for the hosts in use, not a log: forgetting all of it costs one race per host.
        if (_winners.Count > WinnersKept)
            _winners.Clear();
        _winners[host] = address;
    }
}
