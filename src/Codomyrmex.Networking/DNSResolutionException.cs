namespace Codomyrmex.Networking;

/// <summary>The name does not exist, its server failed, or it has no usable address.</summary>
public sealed class DNSResolutionException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public DNSResolutionException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }
}
