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

    /// <summary>
    /// HTTP/3 (RFC 9114) only. An error (<c>http.version_unavailable</c>) where the platform has no QUIC or the transport's settings (proxy,
    /// resolver, TLS, local address) hold for the dialer alone, which QUIC passes by; <c>policy.denied</c> under a restrictive egress policy.
    /// </summary>
    Http3,

    /// <summary>
    /// HTTP/3 where the server has announced it (<c>Alt-Svc</c>, RFC 7838) and nothing forbids it, else like <see cref="Negotiate"/>. Falls back
    /// without a word: <c>Response.Version</c> tells what was spoken.
    /// </summary>
    PreferHttp3,
}
