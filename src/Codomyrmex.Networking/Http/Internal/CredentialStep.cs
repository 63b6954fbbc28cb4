using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The last step before the handler: credentials that answer a challenge, fetch a token or sign complete the message of a hop. One that has seen
/// the answer may ask for one replay, never for a second.
/// </summary>
internal sealed class CredentialStep(WireStep next) : WireStep
{
    public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken) =>
        For(exchange, wire) is { } authenticator
            ? SendAsync(exchange, wire, authenticator, cancellationToken)
            : next.SendAsync(exchange, wire, cancellationToken);

    /// <summary>What tells the caller of a message from others, where its credentials are not in its fields yet; empty otherwise.</summary>
    public static string IdentityOf(HttpExchange exchange, WireRequest wire) => For(exchange, wire)?.Identity ?? "";

    /// <summary>Whether this step will add to a message.</summary>
    public static bool Completes(HttpExchange exchange, WireRequest wire) => For(exchange, wire) is not null;

    private static Authenticator? For(HttpExchange exchange, WireRequest wire)
    {
        if (!exchange.Session.HasAuthenticators && exchange.Options.Credential?.HasAuthenticator != true)
            return null;
        var origin = ReferenceEquals(wire.RequestUri, exchange.Url.Uri) ? exchange.Url.Origin : RequestUrl.Origin(wire.RequestUri!);
        // The same host over TLS may have what was meant for it without.
        var plain = ReferenceEquals(wire.RequestUri, exchange.Url.Uri) ? exchange.Url.UpgradedFrom?.Origin : null;
        Credential? first = null;
        List<Credential>? all = null;
        for (var credential = exchange.Options.Credential; credential is not null; credential = credential.Next)
            Consider(credential);
        foreach (var credential in exchange.Session.Credentials)
            Consider(credential);
        return all is not null ? new AuthenticatorGroup(all.Select(credential => Of(credential)!)) : first is null ? null : Of(first);

        Authenticator? Of(Credential credential) => credential.AuthenticatorFor(origin) ?? (plain is null ? null : credential.AuthenticatorFor(plain));

        // A field that is set already stands for itself: the caller's own, or that of a credential which comes first.
        void Consider(Credential credential)
        {
            if (Of(credential) is null || wire.Headers.NonValidated.Contains(credential.Header))
                return;
            if (first is null)
                first = credential;
            else if (!Fill(all ?? [first], credential.Header))
                (all ??= [first]).Add(credential);
        }
    }

    private static bool Fill(List<Credential> credentials, string header) => credentials.Exists(one => one.Header.Equals(header, StringComparison.OrdinalIgnoreCase));

    private async Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, Authenticator authenticator, CancellationToken cancellationToken)
    {
        var request = new RequestToSign(exchange, wire);
        for (var isLast = false; ; isLast = true)
        {
            wire.IsPreparing = true;
            var prepared = await authenticator.PrepareAsync(request, cancellationToken).ConfigureAwait(false);
            wire.IsPreparing = false;
            var answer = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
            try
            {
                if (!authenticator.WantsReplay(request, answer, prepared, isLast) || isLast)
                    return answer;
                if (!request.IsBodyReplayable)
                    throw AuthenticationFailure.BodyIsGone(request.Endpoint, (int)answer.StatusCode);
            }
            catch
            {
                answer.Dispose();
                throw;
            }
            wire.Rest();
            answer.Dispose();
        }
    }
}
