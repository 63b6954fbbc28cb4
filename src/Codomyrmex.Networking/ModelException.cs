namespace Codomyrmex.Networking;

/// <summary>The answer of a language model failed: it did not come to its end, the service reported an error in it, or it would have cost more than allowed.</summary>
public class ModelException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public ModelException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }

    /// <summary>The service's own word for the error that it reported, such as <c>overloaded_error</c>; null where it reported none. Escape it before it is shown.</summary>
    public string? RemoteKind { get; init; }
}
