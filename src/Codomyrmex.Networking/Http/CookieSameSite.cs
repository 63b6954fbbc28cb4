namespace Codomyrmex.Networking.Http;

/// <summary>What a cookie says about requests from other sites (RFC 6265bis, section 4.1.2.7). Kept, not enforced: a program has no page that a request comes from.</summary>
public enum CookieSameSite
{
    /// <summary>The server said nothing of it.</summary>
    Unspecified,

    /// <summary>Sent with requests from any site.</summary>
    None,

    /// <summary>Sent with requests from its own site, and when somebody follows a link to it.</summary>
    Lax,

    /// <summary>Sent with requests from its own site alone.</summary>
    Strict,
}
