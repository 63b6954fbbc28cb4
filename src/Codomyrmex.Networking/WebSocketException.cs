namespace Codomyrmex.Networking;

/// <summary>The WebSocket handshake was refused, the protocol was broken (RFC 6455) or the connection closed abnormally.</summary>
public sealed class WebSocketException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public WebSocketException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }

    /// <summary>The HTTP status that refused the handshake; null otherwise.</summary>
    public int? Status { get; init; }

    /// <summary>The fields of the answer that refused the handshake; null otherwise.</summary>
    public HeaderMap? Headers { get; init; }

    /// <summary>The beginning of the body that refused the handshake, at most 1,024 characters, control characters escaped; null without one.</summary>
    public string? BodyExcerpt { get; init; }

    /// <summary>Why the connection closed: the peer's code, or ours where the peer broke the protocol; null where it was never open.</summary>
    public WebSocketCloseCode? CloseCode { get; init; }

    /// <summary>The reason that the peer gave with its code; null where it gave none.</summary>
    public string? CloseReason { get; init; }
}
