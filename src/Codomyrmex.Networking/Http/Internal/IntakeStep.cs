using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// Keeps what an answer tells a client to keep: cookies, and that a host is for https alone. Of every answer that came over the wire, redirects and failures too; behind
/// the cache, since an answer from there was read when it came.
/// </summary>
internal sealed class IntakeStep(CookieJar? jar, HstsStore? hosts, WireStep next) : WireStep
{
    public override async Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
        var fields = message.Headers.NonValidated;
        if (jar is not null && exchange.Options.UseCookies && fields.TryGetValues("Set-Cookie", out var cookies))
        {
            var host = exchange.HostOf(wire).Host;
            foreach (var cookie in cookies)
                jar.Set(wire.RequestUri!, host, cookie);
        }
        // Whoever got in without a valid certificate may not say so (RFC 6797, section 8.1). Only the first field counts.
        if (hosts is not null && !exchange.Handler.Options.Tls.InsecureAcceptAnyCertificate && fields.TryGetValues("Strict-Transport-Security", out var security))
        {
            foreach (var field in security)
            {
                hosts.Learn(wire.RequestUri!, exchange.HostOf(wire).Host, field);
                break;
            }
        }
        return message;
    }
}
