using System.Net.Security;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Transport;

/// <summary>Connects the way every client here does, reports each layer, and closes: shows where a connection breaks.</summary>
public static class ConnectionProbe
{
    /// <summary>Makes one connection and reports it. A failure is part of the report, not an exception.</summary>
    /// <param name="endpoint">Host and port.</param>
    /// <param name="useTls">Whether TLS is spoken; ALPN offers <c>h2</c> and <c>http/1.1</c>.</param>
    /// <param name="options">How to connect; null for the defaults.</param>
    /// <param name="timeouts">The limits of each phase; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the probe.</param>
    public static async Task<ConnectionReport> RunAsync(
        Endpoint endpoint, bool useTls, TransportOptions? options = null, Timeouts? timeouts = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        options ??= TransportOptions.Default;
        options.Validate();
        timeouts ??= Timeouts.Default;
        var clock = TimeProvider.System;
        using var total = new CancellationTokenSource(timeouts.Total, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(total.Token, cancellationToken);
        var trace = new DialTrace(endpoint, clock);
        NetworkException? failure = null;
        try
        {
            var target = new DialTarget(endpoint, null, useTls, [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
            var stream = await new Dialer(options, clock).DialAsync(target, timeouts, trace, either.Token).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (NetworkException error)
        {
            failure = error;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            failure = new NetworkFailure
            {
                Code = ErrorCodes.TimeoutTotal,
                Message = $"The deadline of {timeouts.Total.TotalSeconds:0.###} s for the connection to {endpoint} passed.",
                Phase = trace.Phase,
                Endpoint = endpoint,
                Attempts = trace.Attempts,
                Elapsed = clock.GetElapsedTime(trace.StartedAt),
            }.ToException();
        }
        return new ConnectionReport
        {
            Endpoint = endpoint,
            Resolved = trace.Resolved,
            Attempts = trace.Attempts,
            Remote = trace.Remote,
            Resolve = trace.Resolve,
            Connect = trace.Connect,
            Proxy = trace.Proxy,
            Tls = trace.Tls,
            TlsFacts = trace.TlsFacts,
            Layers = trace.Layers,
            Failure = failure,
        };
    }
}
