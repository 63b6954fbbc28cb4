namespace Codomyrmex.Networking.WebSockets;

/// <summary>Over which version of HTTP a WebSocket is opened.</summary>
public enum WebSocketHttpVersion
{
    /// <summary>HTTP/1.1, with a connection of its own (RFC 6455).</summary>
    Http11,

    /// <summary>
    /// HTTP/2 where a <c>wss</c> server offers it for WebSockets, HTTP/1.1 otherwise, at the cost of a second connection. <c>ws</c> goes over HTTP/1.1: without TLS nothing is
    /// offered.
    /// </summary>
    PreferHttp2,

    /// <summary>HTTP/2 alone (RFC 8441); for <c>ws</c>, by prior knowledge (RFC 9113, section 3.3).</summary>
    Http2,
}
