namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A signer of the caller's as a credential.</summary>
internal sealed class SignerAuthenticator(RequestSigner signer) : Authenticator
{
    public override bool CoversMessage => true;

    public override async ValueTask<object?> PrepareAsync(RequestToSign request, CancellationToken cancellationToken)
    {
        try
        {
            await signer.SignAsync(request, cancellationToken).ConfigureAwait(false);
            return null;
        }
        // A bug in a signer must not look like a failing network: it would be retried.
        catch (Exception error) when (error is not (NetworkException or OperationCanceledException))
        {
            throw AuthenticationFailure.Of($"The signer failed for a request to {request.Endpoint}: {error.Message}", request.Endpoint, cause: error);
        }
    }
}
