namespace Codomyrmex.Networking.Http;

/// <summary>Which HTTP version is spoken.</summary>
public enum HttpVersionChoice
{
    /// <summary>HTTP/2 where the server offers it over TLS (ALPN), else HTTP/1.1.</summary>
    Negotiate,

    /// <summary>HTTP/1.1 (RFC 9112) only.</summary>
    Http11,

    /// <summary>HTTP/2 (RFC 9113) only; without TLS by prior knowledge.</summary>
    Http2,
}
