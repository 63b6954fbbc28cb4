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
        WireStep chain = options.Har is { } har ? new HarStep(har, ToHandler.Instance) : ToHandler.Instance;
        chain = new CredentialStep(chain);
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

    /// <summary>The last step: out through the handler of the exchange's transport.</summary>
    private sealed class ToHandler : WireStep
    {
        public static readonly ToHandler Instance = new();

        public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken) =>
            exchange.Handler.SendAsync(wire, cancellationToken);
    }
}
