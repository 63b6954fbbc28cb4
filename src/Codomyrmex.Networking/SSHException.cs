namespace Codomyrmex.Networking;

/// <summary>The host key, the authentication, a channel or the SSH protocol failed.</summary>
public class SSHException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public SSHException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }
}
