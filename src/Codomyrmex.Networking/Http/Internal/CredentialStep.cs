using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The last step before the handler: credentials that answer a challenge, fetch a token or sign complete the message of a hop. One that has seen
/// the answer may ask for one replay, never for a second.
/// </summary>
internal sealed class CredentialStep(WireStep next) : WireStep
{
    public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken) =>
        IsNeeded(exchange) && For(exchange, wire) is { } authenticators
            ? SendAsync(exchange, wire, authenticators, cancellationToken)
            : next.SendAsync(exchange, wire, cancellationToken);

    /// <summary>What tells the caller of a message from others, where its credentials are not in its fields yet; empty otherwise.</summary>
    public static string IdentityOf(HttpExchange exchange, WireRequest wire) =>
        IsNeeded(exchange) && For(exchange, wire) is { } authenticators ? string.Join('\n', authenticators.Select(one => one.Identity)) : "";

    private static bool IsNeeded(HttpExchange exchange) => exchange.Session.HasAuthenticators || exchange.Options.Credential?.HasAuthenticator == true;

    private static Authenticator[]? For(HttpExchange exchange, WireRequest wire)
    {
        var origin = RequestUrl.Origin(wire.RequestUri!);
        List<(Authenticator Authenticator, string Header)>? found = null;
        for (var credential = exchange.Options.Credential; credential is not null; credential = credential.Next)
            Add(credential);
        foreach (var credential in exchange.Session.Credentials)
            Add(credential);
        return found switch
        {
            null => null,
            [var (only, _)] => [only],
            _ => [.. found.Select(one => one.Authenticator).OrderBy(one => one.CoversMessage)],
        };

        // A field that is set already stands for itself: the caller's own, or a credential's that comes first.
        void Add(Credential credential)
        {
            if (credential.AuthenticatorFor(origin) is not { } authenticator || wire.Headers.NonValidated.Contains(credential.Header) ||
                found?.Exists(one => one.Header.Equals(credential.Header, StringComparison.OrdinalIgnoreCase)) == true)
                return;
            (found ??= []).Add((authenticator, credential.Header));
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, Authenticator[] authenticators, CancellationToken cancellationToken)
    {
        var request = new RequestToSign(exchange, wire);
        var prepared = new object?[authenticators.Length];
        for (var isLast = false; ; isLast = true)
        {
            wire.IsPreparing = true;
            for (var i = 0; i < authenticators.Length; i++)
                prepared[i] = await authenticators[i].PrepareAsync(request, cancellationToken).ConfigureAwait(false);
            wire.IsPreparing = false;
            var answer = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
            try
            {
                var isReplayWanted = false;
                for (var i = 0; i < authenticators.Length; i++)
                    isReplayWanted |= authenticators[i].WantsReplay(request, answer, prepared[i], isLast);
                if (!isReplayWanted || isLast)
                    return answer;
                if (!request.CanReplay)
                    throw AuthenticationFailure.BodyIsGone(request.Endpoint, (int)answer.StatusCode);
            }
            catch
            {
                answer.Dispose();
                throw;
            }
            answer.Dispose();
            wire.Rest();
        }
    }
}
