namespace Codomyrmex.Networking.Http;

/// <summary>What a digest credential may do (RFC 7616). Immutable.</summary>
public sealed record DigestOptions
{
    /// <summary>The defaults.</summary>
    public static DigestOptions Default { get; } = new();

    /// <summary>
    /// Whether a challenge for MD5, or one without a quality of protection (RFC 2069), is answered where nothing better is offered: whoever
    /// listens can then guess the password cheaply. The default value is false: the 401 is the response.
    /// </summary>
    public bool AllowMd5 { get; init; }

    /// <summary>
    /// Whether the body is protected (<c>auth-int</c>) where the server offers both; the body is then read twice. It is in any case where the
    /// server offers nothing else. The default value is false.
    /// </summary>
    public bool PreferIntegrity { get; init; }
}
