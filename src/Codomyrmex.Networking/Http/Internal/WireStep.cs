using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// A step between an exchange and the wire, taken for every hop of every attempt: it may answer by itself, wait, refuse, or hand the
/// request on. Steps hold no state of a request.
/// </summary>
internal abstract class WireStep
{
    public abstract Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken);

    /// <summary>The steps of a session, made from the last to the first.</summary>
    public static WireStep Chain(HTTPClientOptions options, HostGuards guards)
    {
        WireStep last = options.Har is { } har ? new HarStep(har, ToHandler.Instance) : ToHandler.Instance;
        var chain = Guarded(options, guards, new CredentialStep(last));
        if (options.CoalesceRequests)
            chain = new CoalescingStep(chain);
        if (options.Cookies is not null || options.Hsts is not null)
            chain = new IntakeStep(options.Cookies, options.Hsts, chain);
        // Before all that waits or counts: a stored answer costs the server nothing.
        if (options.Cache is { } cache)
            chain = new CacheStep(cache, chain);
        if (options.Cookies is { } jar)
            chain = new CookieStep(jar, chain);
        return chain;
    }

    /// <summary>Limiter, breaker and hedging, in this order: what is refused does not count as sent, and a hedge needs room like any request.</summary>
    private static WireStep Guarded(HTTPClientOptions options, HostGuards guards, WireStep last)
    {
        var chain = last;
        var limiters = options.HostLimits is { } limits ? guards.Limiters(limits) : null;
        if (options.Hedging is { } hedging)
            chain = new HedgingStep(hedging, limiters is null ? null : new LimiterStep(options.HostLimits!, limiters, chain), chain);
        if (options.CircuitBreaker is { } breaker)
            chain = new BreakerStep(breaker, guards.Breakers(breaker), chain);
        return limiters is null ? chain : new LimiterStep(options.HostLimits!, limiters, chain);
    }

    /// <summary>The last step: out through the handler of the exchange's transport.</summary>
    private sealed class ToHandler : WireStep
    {
        public static readonly ToHandler Instance = new();

        public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
        {
            wire.Budget?.SpendRequest(exchange.HostOf(wire));
            if (exchange.Handler.Options.Budget is { } shared && !ReferenceEquals(shared, wire.Budget))
                shared.SpendRequest(exchange.HostOf(wire));
            if (TracedSending.IsHeard)
                return TracedSending.SendAsync(exchange, wire, cancellationToken);
            TracedSending.Propagate(wire);
            return exchange.Handler.SendAsync(wire, cancellationToken);
        }
    }
}
