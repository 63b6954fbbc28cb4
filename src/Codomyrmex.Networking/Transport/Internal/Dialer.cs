using System.Collections.Concurrent;
using System.Net.Security;
using System.Net;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The one way out of the process: resolve → policy on each address → race to the checked addresses → proxy → TLS. Every protocol's
/// connection comes from here, as a stream.
/// </summary>
internal sealed class Dialer
{
    private readonly TransportOptions _options;
    private readonly TimeProvider _clock;
    private readonly CachingResolver _resolver;
    private readonly NoProxy? _noProxy;
    private readonly ConcurrentDictionary<string, IPAddress> _winners = new(StringComparer.OrdinalIgnoreCase);

    public Dialer(TransportOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        _resolver = new CachingResolver(options.Resolver, clock);
        _noProxy = options.Proxy is null ? null : NoProxy.Parse(options.Proxy.NoProxy);
    }

    public TimeProvider Clock => _clock;

    /// <summary>Whether connections to a host go through the proxy.</summary>
    public bool UsesProxy(string host, int port) => _noProxy is not null && !_noProxy.Bypasses(host, port);

    /// <summary>Makes a connection: a <see cref="DialedStream"/>, or an <see cref="SslStream"/> over one.</summary>
    /// <param name="target">What to connect to.</param>
    /// <param name="timeouts">The limits of each phase.</param>
    /// <param name="trace">Filled in as the dial goes on, for whoever waits for it.</param>
    /// <param name="cancellationToken">Cancels the dial.</param>
    public async Task<Stream> DialAsync(DialTarget target, Timeouts timeouts, DialTrace trace, CancellationToken cancellationToken)
    {
        try
        {
            PolicyGate.Demand(_options.Policy.CheckTarget(target.Scheme, target.Endpoint.Host, target.Endpoint.Port), target.Endpoint);
            var raw = new DialedStream(await OpenAsync(target, timeouts, trace, cancellationToken).ConfigureAwait(false), trace);
            trace.Stream = raw;
            if (!target.UseTls)
                return raw;
            trace.Phase = NetworkPhase.Tls;
            var start = _clock.GetTimestamp();
            var tls = await WithinAsync(timeouts.Tls, ErrorCodes.TimeoutTls, trace,
                ct => TlsConnector.ConnectAsync(raw, _options.Tls, target.Endpoint.Host, target.Protocols, ct).AsTask(), cancellationToken).ConfigureAwait(false);
            trace.Tls = _clock.GetElapsedTime(start);
            return tls;
        }
        catch (NetworkException error)
        {
            error.Complete(error.Failure with { Attempts = trace.Attempts, Endpoint = error.Endpoint ?? target.Endpoint, Elapsed = _clock.GetElapsedTime(trace.StartedAt) });
            throw;
        }
        finally
        {
            trace.IsDone = true;
        }
    }

    /// <summary>Resolves a host and keeps the addresses that the policy allows, where it governs the target.</summary>
    private async Task<IReadOnlyList<IPAddress>> ResolveAsync(Endpoint endpoint, DialTarget? governed, Timeouts timeouts, DialTrace trace, CancellationToken cancellationToken)
    {
        trace.Phase = NetworkPhase.Resolve;
        var start = _clock.GetTimestamp();
        var addresses = await WithinAsync(timeouts.Resolve, ErrorCodes.TimeoutResolve, trace,
            ct => _resolver.ResolveAsync(endpoint.Host, endpoint.Port, ct).AsTask(), cancellationToken).ConfigureAwait(false);
        trace.Resolve = _clock.GetElapsedTime(start);
        trace.Resolved = addresses;
        return governed is null ? addresses : PolicyGate.Filter(_options.Policy, governed.Scheme, endpoint, addresses);
    }

    private Task<Stream> OpenAsync(DialTarget target, Timeouts timeouts, DialTrace trace, CancellationToken cancellationToken)
    {
        if (_options.UnixSocketPath is { } path)
        {
            trace.Phase = NetworkPhase.Connect;
            return TimedAsync(() => WithinAsync(timeouts.Connect, ErrorCodes.TimeoutConnect, trace, ct => TcpConnector.ConnectUnixAsync(path, trace, ct), cancellationToken), took => trace.Connect = took);
        }
        if (_options.Proxy is { } proxy && UsesProxy(target.Endpoint.Host, target.Endpoint.Port))
            return OpenThroughProxyAsync(proxy, target, timeouts, trace, cancellationToken);
        return ConnectAsync(target.Endpoint, target, timeouts, trace, cancellationToken);
    }

    private async Task<Stream> ConnectAsync(Endpoint endpoint, DialTarget? governed, Timeouts timeouts, DialTrace trace, CancellationToken cancellationToken)
    {
        if (_options.DialOver is { } dialOver)
        {
            trace.Phase = NetworkPhase.Connect;
            return await TimedAsync(() => WithinAsync(timeouts.Connect, ErrorCodes.TimeoutConnect, trace, ct => DialOverAsync(dialOver, endpoint, trace, ct), cancellationToken), took => trace.Connect = took).ConfigureAwait(false);
        }
        var addresses = await ResolveAsync(endpoint, governed, timeouts, trace, cancellationToken).ConfigureAwait(false);
        trace.Phase = NetworkPhase.Connect;
        var ordered = AddressRace.Order(addresses, _winners.GetValueOrDefault(endpoint.Host));
        var stream = await TimedAsync(() => WithinAsync(timeouts.Connect, ErrorCodes.TimeoutConnect, trace,
            ct => AddressRace.RunAsync(ordered, _options.ConnectionAttemptDelay, _clock, (address, token) => TcpConnector.ConnectAsync(address, endpoint.Port, _options, trace, token), ct),
            cancellationToken), took => trace.Connect = took).ConfigureAwait(false);
        Remember(endpoint.Host, ordered, trace.Remote);
        return stream;
    }

    private async Task<Stream> OpenThroughProxyAsync(ProxyOptions proxy, DialTarget target, Timeouts timeouts, DialTrace trace, CancellationToken cancellationToken)
    {
        if (_options.Policy.IsRestrictive && !proxy.TrustedForEgress)
            throw PolicyGate.UntrustedProxy(proxy, target.Endpoint);
        if (target.StopAtProxy)
            return await ConnectToProxyAsync(proxy, target, timeouts, trace, cancellationToken).ConfigureAwait(false);
        if (proxy.Kind != ProxyKind.Socks5)
            return await TunnelAsync(proxy, target, null, timeouts, trace, cancellationToken).ConfigureAwait(false);

        var addresses = await ResolveAsync(target.Endpoint, target, timeouts, trace, cancellationToken).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            try
            {
                return await TunnelAsync(proxy, target, addresses[i], timeouts, trace, cancellationToken).ConfigureAwait(false);
            }
            catch (ProxyException error) when (error.IsTransient && i + 1 < addresses.Count)
            {
                trace.Tried(addresses[i].ToString(), _clock.GetElapsedTime(trace.StartedAt), error.Code);
            }
        }
    }

    private async Task<Stream> TunnelAsync(ProxyOptions proxy, DialTarget target, IPAddress? address, Timeouts timeouts, DialTrace trace, CancellationToken cancellationToken)
    {
        var stream = await ConnectToProxyAsync(proxy, target, timeouts, trace, cancellationToken).ConfigureAwait(false);
        try
        {
            trace.Phase = NetworkPhase.Proxy;
            var start = _clock.GetTimestamp();
            await WithinAsync(timeouts.Connect, ErrorCodes.TimeoutConnect, trace, async ct =>
            {
                await ProxyTunnel.OpenAsync(stream, proxy, target.Endpoint, address, ct).ConfigureAwait(false);
                return true;
            }, cancellationToken).ConfigureAwait(false);
            trace.Proxy = _clock.GetElapsedTime(start);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<Stream> ConnectToProxyAsync(ProxyOptions proxy, DialTarget target, Timeouts timeouts, DialTrace trace, CancellationToken cancellationToken)
    {
        try
        {
            // The operator chose the proxy; the policy governs what is reached through it.
            var stream = await ConnectAsync(new Endpoint(proxy.Host, proxy.Port), governed: null, timeouts, trace, cancellationToken).ConfigureAwait(false);
            if (proxy.Kind != ProxyKind.Https)
                return stream;
            trace.Phase = NetworkPhase.Proxy;
            // What is said of the target's certificate is not said of the proxy's; the roots are this machine's either way.
            var tls = new TlsOptions { MinimumVersion = _options.Tls.MinimumVersion, TrustedRoots = _options.Tls.TrustedRoots };
            return await WithinAsync(timeouts.Tls, ErrorCodes.TimeoutTls, trace,
                ct => TlsConnector.ConnectAsync(new DialedStream(stream, trace), tls, proxy.Host, [], ct).AsTask(), cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionException error)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.ProxyRefused,
                Message = $"The proxy {proxy} could not be reached: {error.Message}",
                Phase = NetworkPhase.Proxy,
                Endpoint = target.Endpoint,
            }.ToException(error);
        }
    }

    private static async Task<Stream> DialOverAsync(Func<Endpoint, CancellationToken, ValueTask<Stream>> dialOver, Endpoint endpoint, DialTrace trace, CancellationToken cancellationToken)
    {
        try
        {
            return await dialOver(endpoint, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (NetworkException or OperationCanceledException))
        {
            throw new NetworkFailure
            {
                Code = ErrorMap.Code(error, inBody: false),
                Message = $"The stream underneath to {endpoint} could not be opened: {error.Message}",
                Phase = NetworkPhase.Connect,
                Endpoint = trace.Endpoint,
            }.ToException(error);
        }
    }

    /// <summary>Runs a phase within its limit; our limit becomes our exception, the caller's cancellation stays what it is.</summary>
    private async Task<T> WithinAsync<T>(TimeSpan limit, string code, DialTrace trace, Func<CancellationToken, Task<T>> phase, CancellationToken cancellationToken)
    {
        if (limit == Timeout.InfiniteTimeSpan)
            return await phase(cancellationToken).ConfigureAwait(false);
        using var timer = new CancellationTokenSource(limit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await phase(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new NetworkFailure
            {
                Code = code,
                Message = $"{ErrorCodes.Find(code)!.Summary[..^1]} ({limit.TotalSeconds:0.###} s) for {trace.Endpoint}.",
                Phase = trace.Phase,
                Endpoint = trace.Endpoint,
            }.ToException();
        }
    }

    private async Task<T> TimedAsync<T>(Func<Task<T>> phase, Action<TimeSpan> took)
    {
        var start = _clock.GetTimestamp();
        var result = await phase().ConfigureAwait(false);
        took(_clock.GetElapsedTime(start));
        return result;
    }

    private void Remember(string host, IReadOnlyList<IPAddress> candidates, EndPoint? winner)
    {
        if (candidates.Count < 2 || winner is not IPEndPoint { Address: var address })
            return;
        // A memory for the hosts in use, not a log: forgetting all of it costs one race per host.
        if (_winners.Count > 1024)
            _winners.Clear();
        _winners[host] = address;
    }
}
