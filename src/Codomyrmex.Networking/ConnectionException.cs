namespace Codomyrmex.Networking;

/// <summary>The connection was refused, reset, unreachable or closed early, or this machine ran out of descriptors or ports.</summary>
public sealed class ConnectionException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public ConnectionException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }
}
