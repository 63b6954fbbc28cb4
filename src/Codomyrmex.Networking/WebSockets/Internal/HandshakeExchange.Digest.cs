using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>A password that is proved to the server of the URL, once it asks (RFC 7616).</summary>
internal sealed partial class HandshakeExchange
{
    private DigestSession? _digest;
    private int _proof;

    /// <summary>Asks; where the answer is a challenge that may be answered, asks once more with the proof.</summary>
    private async ValueTask<(Handshaken? Done, string? Location)> AskAndProveAsync(WebSocketUrl url, HeaderMap fields, bool isMeant, PhaseTimer timer)
    {
        // What one origin asked is not answered to another.
        _digest = null;
        try
        {
            return await AskAsync(url, fields, timer).ConfigureAwait(false);
        }
        catch (WebSocketException refused) when (isMeant && Answering(refused) is { } session)
        {
            _digest = session;
        }
        var (done, location) = await AskAsync(url, fields, timer).ConfigureAwait(false);
        if (done?.Fields["Authentication-Info"] is not { } info || _digest.IsProved(AuthChallenges.ParseParameters(info), url.Target, _proof) != false)
            return (done, location);
        await done.Stream.DisposeAsync().ConfigureAwait(false);
        throw new FormatException("it did not prove that it knows the password (rspauth, RFC 7616, section 3.5): it may be another server");
    }

    private DigestSession? Answering(WebSocketException refused)
    {
        if (refused.Status != 401 || Options.Digest is not { } digest || refused.Headers is not { } fields)
            return null;
        var challenges = fields.GetAll("WWW-Authenticate").SelectMany(static field => AuthChallenges.Parse(field));
        return DigestSession.Answering(challenges, digest.User, digest.Password, digest.AllowMd5);
    }

    private void AddProof(string method, WebSocketUrl url, HeaderMap fields)
    {
        if (_digest is not { } session)
            return;
        _proof = session.Next();
        fields["Authorization"] = session.Authorization(method, url.Target, _proof, session.CoversBody ? session.HashOf([]) : null);
    }
}
