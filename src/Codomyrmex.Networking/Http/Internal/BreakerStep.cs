using System.Net.Sockets;
using System.Security.Authentication;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Lets nothing through to a host that keeps failing; tells its breaker how each request ended.</summary>
internal sealed class BreakerStep(CircuitBreakerOptions options, HostTable<CircuitBreaker> breakers, WireStep next) : WireStep
{
    public override async Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var host = exchange.HostOf(wire);
        var breaker = breakers.For(host.Host, host.Port);
        if (breaker.Enter(out var pass) is { } wait)
            throw Refusal.CircuitOpen(host, wait, exchange.Clock);
        bool? failed = null;
        try
        {
            var message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
            failed = (int)message.StatusCode >= 400 && options.Statuses.Contains((int)message.StatusCode);
            return message;
        }
        catch (Exception error)
        {
            failed = IsHosts(error, wire) ? true : null;
            throw;
        }
        finally
        {
            breaker.Leave(pass, failed);
        }
    }

    /// <summary>Whether a failure speaks against the host, and not against the caller, his rules or his machine.</summary>
    private static bool IsHosts(Exception error, WireRequest wire) => ErrorMap.Ours(error) is { } ours
        ? ours is ConnectionException or DNSResolutionException or NetworkTimeoutException or SSLException or HTTPException or ProxyException &&
          !ours.Code.StartsWith("local.", StringComparison.Ordinal)
        : error is OperationCanceledException ? wire.FiredTimeout is not null
        : error is HttpRequestException or IOException or SocketException or AuthenticationException;
}
