using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>Credentials that sign the complete message, anew for each hop and attempt.</summary>
public sealed partial class Credential
{
    /// <summary>Signs requests with a signer of your own.</summary>
    /// <param name="signer">The signer.</param>
    /// <param name="header">The field that carries its signature: where the caller sets it, the signer is not asked.</param>
    /// <param name="origin">The origin it belongs to, as a URL; null binds it at first use.</param>
    public static Credential Signed(RequestSigner signer, string header = "Authorization", string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(signer);
        FieldRules.CheckName(header);
        Redactor.CarriesCredential(header);
        return new Credential(header, new SignerAuthenticator(signer), Binding(origin));
    }

    /// <summary>
    /// AWS Signature Version 4 in the <c>Authorization</c> field, by the client's clock; where a refusal shows that the server's differs by minutes, by
    /// that one, with one replay. Bodies are read twice unless <see cref="AwsSignatureOptions.UnsignedPayload"/>.
    /// </summary>
    /// <param name="options">The key and its scope.</param>
    /// <param name="origin">The origin it belongs to, as a URL; null binds it at first use.</param>
    /// <exception cref="ArgumentException">An option is wrong, or the origin is not a URL.</exception>
    public static Credential AwsSignature(AwsSignatureOptions options, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new Credential("Authorization", new SigV4Authenticator(options), Binding(origin));
    }

    /// <summary>
    /// Azure Storage's Shared Key in the <c>Authorization</c> field, for blobs, queues and files (version 2015-02-21 and later), by the client's clock; where a refusal shows that the server's
    /// differs by minutes, by that one, with one replay. Bodies are not read for it; without a known length services refuse them.
    /// </summary>
    /// <param name="options">The account and its key.</param>
    /// <param name="origin">The origin it belongs to, as a URL; null binds it at first use.</param>
    /// <exception cref="ArgumentException">An option is wrong, or the origin is not a URL.</exception>
    public static Credential AzureSharedKey(AzureSharedKeyOptions options, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new Credential("Authorization", new SharedKeyAuthenticator(options), Binding(origin));
    }

    /// <summary>
    /// HTTP message signatures (RFC 9421) in <c>Signature</c> and <c>Signature-Input</c>, over what the options name, with a <c>Content-Digest</c>
    /// (RFC 9530) where it is covered. A request that lacks what is to be covered is an error (<c>http.authentication</c>).
    /// </summary>
    /// <param name="options">The key and what is covered.</param>
    /// <param name="origin">The origin it belongs to, as a URL; null binds it at first use.</param>
    /// <exception cref="ArgumentException">An option is wrong, or the origin is not a URL.</exception>
    public static Credential MessageSignature(MessageSignatureOptions options, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new Credential("Signature", new MessageSignatureAuthenticator(options), Binding(origin));
    }

    /// <summary>The signed identity of a bot, made anew for each hop; see <see cref="WebBotAuthOptions"/>.</summary>
    /// <param name="options">The key, the agent, and who sees it.</param>
    /// <param name="origin">The origin it belongs to, as a URL; null binds it at first use.</param>
    /// <exception cref="ArgumentException">An option is wrong, or an origin is given for what goes to every one.</exception>
    public static Credential WebBotAuth(WebBotAuthOptions options, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.ToEveryOrigin && origin is not null)
            throw new ArgumentException("An identity for every origin has none of its own.", nameof(origin));
        return new Credential("Signature", new MessageSignatureAuthenticator(options), options.ToEveryOrigin ? null : Binding(origin));
    }
}
