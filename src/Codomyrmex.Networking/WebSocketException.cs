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
}
