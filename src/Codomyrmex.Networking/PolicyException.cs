namespace Codomyrmex.Networking;

/// <summary>The egress policy denied the target. Never retried; no byte was sent to it.</summary>
public sealed class PolicyException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public PolicyException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }

    /// <summary>The rule that denied, in words (<c>deny 169.254.0.0/16 (link-local, RFC 3927)</c>).</summary>
    public string? Rule { get; init; }
}
