using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Adds a jar's cookies to a hop. Before the cache, which keeps the answers to one set of cookies apart from those to another.</summary>
internal sealed class CookieStep(CookieJar jar, WireStep next) : WireStep
{
    public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        // What the caller wrote himself is all that is sent.
        if (exchange.Options.UseCookies && !wire.Headers.NonValidated.Contains("Cookie") && jar.HeaderFor(wire.RequestUri!, exchange.HostOf(wire).Host) is { } cookies)
            wire.Headers.TryAddWithoutValidation("Cookie", cookies);
        return next.SendAsync(exchange, wire, cancellationToken);
    }
}
