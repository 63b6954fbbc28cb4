namespace Codomyrmex.Networking;

/// <summary>An SFTP operation ended with an error status.</summary>
public sealed class SftpException : SSHException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public SftpException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }
}
