using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// The signed identity of a crawler or agent (Web Bot Auth, draft-ietf-webbotauth-httpsig-protocol): HTTP message signatures over
/// <c>@authority</c> and <c>Signature-Agent</c> with the tag <c>web-bot-auth</c>. Immutable.
/// </summary>
public sealed record WebBotAuthOptions
{
    /// <summary>The key, named by its JWK thumbprint. Most verifiers take Ed25519 alone, which the platform lacks: see <see cref="MessageSigningKey.Custom"/>.</summary>
    public required MessageSigningKey Key { get; init; }

    /// <summary>Whose bot it is: the https URL under which the key's directory is found.</summary>
    public required string SignatureAgent { get; init; }

    /// <summary>How long a signature holds, at most a day. The default value is 1 minute.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether every origin that is called gets a signature, made for it alone: an identity is no secret. The default value is false: one origin, as
    /// with other credentials.
    /// </summary>
    public bool ToEveryOrigin { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Key, "WebBotAuthOptions.Key");
        if (RequestUrl.ParseAbsolute(SignatureAgent, "WebBotAuthOptions.SignatureAgent") is not { Scheme: "https", UserInfo: "" })
            throw new ArgumentException("A signature agent is an https URL without a user.", "WebBotAuthOptions.SignatureAgent");
        StructuredText.String(SignatureAgent, "WebBotAuthOptions.SignatureAgent");
        ArgumentOutOfRangeException.ThrowIfLessThan(Lifetime, TimeSpan.FromSeconds(1), "WebBotAuthOptions.Lifetime");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lifetime, TimeSpan.FromDays(1), "WebBotAuthOptions.Lifetime");
    }
}
