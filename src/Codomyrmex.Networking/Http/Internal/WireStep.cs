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
    public static WireStep Chain(HTTPClientOptions options)
    {
        WireStep chain = new CredentialStep(ToHandler.Instance);
        if (options.CoalesceRequests)
            chain = new CoalescingStep(chain);
        // Before all that waits or counts: a stored answer costs the server nothing.
        if (options.Cache is { } cache)
            chain = new CacheStep(cache, chain);
        return chain;
    }

    /// <summary>The last step: out through the handler of the exchange's transport.</summary>
    private sealed class ToHandler : WireStep
    {
        public static readonly ToHandler Instance = new();

        public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken) =>
            exchange.Handler.SendAsync(wire, cancellationToken);
    }
}
