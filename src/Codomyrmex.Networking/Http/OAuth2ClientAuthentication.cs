namespace Codomyrmex.Networking.Http;

/// <summary>How a client proves itself to a token endpoint (RFC 6749, section 2.3.1).</summary>
public enum OAuth2ClientAuthentication
{
    /// <summary>In the <c>Authorization</c> field, as every endpoint must support. The default.</summary>
    Basic,

    /// <summary>As <c>client_id</c> and <c>client_secret</c> in the body.</summary>
    Body,
}
