namespace Codomyrmex.Networking;

/// <summary>
/// A stream ended or broke before the terminal event that was declared for it (<c>http.stream_truncated</c>). What came before is the partial
/// result; the inner exception says how it broke, and is null where the server ended it in good order.
/// </summary>
public sealed class StreamTruncatedException : HTTPException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public StreamTruncatedException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }

    /// <summary>The last identifier that an event carried; null where none did, and for streams that have none.</summary>
    public string? LastEventId { get; init; }

    /// <summary>How many events, documents or items came before.</summary>
    public long Items { get; init; }

    /// <summary>
    /// Whether the same request with <see cref="LastEventId"/> in the field <c>Last-Event-ID</c> goes on from there: the server gives
    /// identifiers, and the method is safe (RFC 9110, section 9.2.1).
    /// </summary>
    public bool CanResume { get; init; }
}
