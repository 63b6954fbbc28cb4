using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>Credentials that answer a challenge or fetch a token.</summary>
public sealed partial class Credential
{
    /// <summary>
    /// User and password, proved without being sent (RFC 7616): SHA-256, with <c>auth</c> or <c>auth-int</c>; MD5 only where
    /// <see cref="DigestOptions.AllowMd5"/>. The first request costs a 401, later ones use its nonce unasked. A 401 that cannot be answered, or that
    /// rejects the password, is the response. A server that shows the wrong proof of its own is an error (<c>http.authentication</c>).
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="password">The password.</param>
    /// <param name="options">What may be answered; null for the defaults.</param>
    /// <param name="origin">The origin it belongs to, as a URL; null binds it at first use.</param>
    /// <exception cref="ArgumentException">The user has a control character or a colon, or the origin is not a URL.</exception>
    public static Credential Digest(string user, string password, DigestOptions? options = null, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(password);
        if (user.Contains(':', StringComparison.Ordinal) || user.Any(char.IsControl))
            throw new ArgumentException("A user name for digest authentication has no colon and no control character (RFC 7616, section 3.4).", nameof(user));
        return new Credential("Authorization", new DigestAuthenticator(user, password, options ?? DigestOptions.Default), Binding(origin));
    }

    /// <summary>
    /// Bearer tokens of OAuth 2 (RFC 6749), fetched when they are needed, replaced before they expire, and once more after a 401. The token request
    /// goes through the same transport settings, policy and timeouts as the call that needs it; calls that need one at the same time share it. Where
    /// it fails, the calls do, with its error (<c>http.authentication</c>, or what the network did) and its endpoint.
    /// </summary>
    /// <param name="options">The token endpoint and what to tell it.</param>
    /// <param name="origin">The origin that the tokens are for, as a URL; null binds it at first use.</param>
    /// <exception cref="ArgumentException">An option is wrong, or the origin is not a URL.</exception>
    public static Credential OAuth2(OAuth2Options options, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new Credential("Authorization", new OAuth2Authenticator(options), Binding(origin));
    }
}
