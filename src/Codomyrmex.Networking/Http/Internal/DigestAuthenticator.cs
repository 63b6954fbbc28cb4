using System.Net;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// Digest access authentication (RFC 7616). The first 401 teaches the nonce, later requests of its protection space use it unasked. A challenge that
/// may not be answered, and one after a wrong password, leave the 401 as the response.
/// </summary>
internal sealed class DigestAuthenticator(string user, string password, DigestOptions options) : Authenticator
{
    private DigestSession? _session;

    public override string Identity => $"digest {user}:{password}";

    public override async ValueTask<object?> PrepareAsync(RequestToSign request, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _session) is not { } session || !session.Covers(request.Url) || (session.CoversBody && !request.IsBodyReplayable))
            return null;
        var body = session.CoversBody
            ? Convert.ToHexStringLower(await request.HashBodyAsync(session.HashName, cancellationToken).ConfigureAwait(false))
            : null;
        var count = session.Next();
        request.SetHeader("Authorization", session.Authorization(request.Method, request.Url.PathAndQuery, count, body));
        return new Answer(session, count);
    }

    public override bool WantsReplay(RequestToSign request, HttpResponseMessage answer, object? prepared, bool isLast)
    {
        var given = prepared as Answer;
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
        {
            if (given is not null && answer.Headers.NonValidated.TryGetValues("Authentication-Info", out var info))
                Learn(request, given, AuthChallenges.ParseParameters(info.ToString()));
            return false;
        }
        if (!answer.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var fields))
            return false;
        var challenges = fields.SelectMany(field => AuthChallenges.Parse(field)).ToList();
        var next = DigestSession.Answering(challenges, user, password, options.AllowMd5, options.PreferIntegrity);
        // An answer that was rejected without being called stale is the wrong password: another try would count against the account.
        var isRejected = given is not null && (isLast || (next?.Nonce == given.Session.Nonce && !challenges.Exists(IsStale)));
        Volatile.Write(ref _session, isRejected ? null : next ?? _session);
        return !isRejected && next is not null;
    }

    private void Learn(RequestToSign request, Answer given, IReadOnlyDictionary<string, string> info)
    {
        if (given.Session.IsProved(info, request.Url.PathAndQuery, given.Count) == false)
        {
            throw AuthenticationFailure.Of($"{request.Endpoint} did not prove that it knows the password (rspauth, RFC 7616, section 3.5): it may be another server.",
                request.Endpoint, WasSent.Yes);
        }
        if (info.TryGetValue("nextnonce", out var nonce) && nonce.Length > 0 && FieldRules.IsValue(nonce))
            Interlocked.CompareExchange(ref _session, given.Session.With(nonce), given.Session);
    }

    private static bool IsStale(AuthChallenge challenge) => challenge["stale"]?.Equals("true", StringComparison.OrdinalIgnoreCase) == true;

    private sealed record Answer(DigestSession Session, int Count);
}
