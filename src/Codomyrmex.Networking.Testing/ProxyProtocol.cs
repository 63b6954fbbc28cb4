namespace Codomyrmex.Networking.Testing;

/// <summary>The way in which a <see cref="LoopbackProxy"/> was asked.</summary>
public enum ProxyProtocol
{
    /// <summary>HTTP with CONNECT (RFC 9110, section 9.3.6).</summary>
    HttpConnect,

    /// <summary>HTTP with a target in absolute form (RFC 9112, section 3.2.2).</summary>
    HttpForward,

    /// <summary>SOCKS4, with an address.</summary>
    Socks4,

    /// <summary>SOCKS4a, with a name.</summary>
    Socks4a,

    /// <summary>SOCKS5 (RFC 1928).</summary>
    Socks5,
}
