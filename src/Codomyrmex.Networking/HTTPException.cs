namespace Codomyrmex.Networking;

/// <summary>An HTTP protocol fault, or a status that the caller asked to treat as failure.</summary>
public class HTTPException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public HTTPException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }

    /// <summary>The HTTP status, where an answer arrived.</summary>
    public int? Status { get; init; }

    /// <summary>The beginning of the body as text, at most 1,024 characters, control characters escaped; null without a body.</summary>
    public string? BodyExcerpt { get; init; }

    /// <summary>The problem details that the server sent (RFC 9457), where it did.</summary>
    public ProblemDetails? Problem { get; init; }
}
