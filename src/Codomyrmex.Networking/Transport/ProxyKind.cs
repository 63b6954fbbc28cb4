namespace Codomyrmex.Networking.Transport;

/// <summary>The protocol spoken to a proxy.</summary>
public enum ProxyKind
{
    /// <summary>HTTP proxy: CONNECT (RFC 9110, section 9.3.6) for TLS and raw targets, absolute-form requests for plain HTTP.</summary>
    Http,

    /// <summary>The same over TLS to the proxy.</summary>
    Https,

    /// <summary>SOCKS4a: the proxy resolves the name.</summary>
    Socks4a,

    /// <summary>SOCKS5 (RFC 1928) with an address that we resolve and check ourselves.</summary>
    Socks5,

    /// <summary>SOCKS5 (RFC 1928) with the name sent to the proxy to resolve.</summary>
    Socks5h,
}
