namespace Codomyrmex.Networking;

/// <summary>The proxy could not be reached, refused the request, asked for credentials or broke its protocol.</summary>
public sealed class ProxyException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public ProxyException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }
}
