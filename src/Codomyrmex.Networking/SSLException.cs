namespace Codomyrmex.Networking;

/// <summary>The TLS handshake failed, or the certificate or its pin was not accepted.</summary>
public sealed class SSLException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public SSLException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }
}
