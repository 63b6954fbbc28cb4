namespace Codomyrmex.Networking.Http;

/// <summary>
/// Signs requests in a way of your own, for services that the ready-made credentials do not cover: derive from it and pass it to
/// <see cref="Credential.Signed"/>. It is asked for every hop and attempt with the complete message, and never for an origin that its credential is
/// not bound to. Must be thread-safe.
/// </summary>
public abstract class RequestSigner
{
    /// <summary>Signs a request: reads what it needs and sets the fields that carry the signature.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public abstract ValueTask SignAsync(RequestToSign request, CancellationToken cancellationToken);
}
