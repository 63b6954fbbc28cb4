using System.Text;

namespace Codomyrmex.Networking.Http;

/// <summary>How access tokens are obtained (RFC 6749): by the client's own credentials, or by a refresh token. Immutable.</summary>
public sealed record OAuth2Options
{
    /// <summary>The token endpoint, as a URL: https, or an address of this machine.</summary>
    public required string TokenUrl { get; init; }

    /// <summary>The client's identifier.</summary>
    public required string ClientId { get; init; }

    /// <summary>The client's secret. The default value is null: a public client, which names itself only.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>How the secret is sent. The default value is <see cref="OAuth2ClientAuthentication.Basic"/>.</summary>
    public OAuth2ClientAuthentication ClientAuthentication { get; init; }

    /// <summary>The scopes to ask for, parted by spaces. The default value is null: the server's own.</summary>
    public string? Scope { get; init; }

    /// <summary>More parameters of the token request: <c>audience</c>, <c>resource</c> … The default value is empty.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>A refresh token (RFC 6749, section 6). The default value is null: the client's credentials are the grant (section 4.4).</summary>
    public string? RefreshToken { get; init; }

    /// <summary>
    /// Told each refresh token that takes the place of the one before, so that it can be kept; awaited before the access token that came with it is
    /// used. The default value is null.
    /// </summary>
    public Func<string, CancellationToken, ValueTask>? RefreshTokenChanged { get; init; }

    /// <summary>
    /// How long before its expiry a token is replaced, for clocks that differ and requests on their way; at most half its lifetime. Should that fail,
    /// the token is used up to its expiry. The default value is 60 s.
    /// </summary>
    public TimeSpan RefreshBefore { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether secrets may go to a token endpoint without TLS on another machine. The default value is false.</summary>
    public bool InsecureAllowHttp { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        var url = RequestUrl.ParseAbsolute(TokenUrl, "OAuth2Options.TokenUrl");
        if (url.UserInfo.Length > 0)
            throw new ArgumentException("The client's secret belongs in ClientSecret, not in the URL.", "OAuth2Options.TokenUrl");
        if (url.Scheme != "https" && !url.IsLoopback && !InsecureAllowHttp)
            throw new ArgumentException("The token endpoint gets secrets: use https, or set InsecureAllowHttp.", "OAuth2Options.TokenUrl");
        ArgumentException.ThrowIfNullOrEmpty(ClientId, "OAuth2Options.ClientId");
        ArgumentNullException.ThrowIfNull(Parameters, "OAuth2Options.Parameters");
        if (ClientSecret is null && RefreshToken is null)
            throw new ArgumentException("A client without a secret needs a RefreshToken.", "OAuth2Options.ClientSecret");
        ArgumentOutOfRangeException.ThrowIfLessThan(RefreshBefore, TimeSpan.Zero, "OAuth2Options.RefreshBefore");
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("TokenUrl = ").Append(Redactor.Redact(TokenUrl)).Append(", ClientId = ").Append(ClientId).Append(", Scope = ").Append(Scope ?? "none");
        return true;
    }
}
