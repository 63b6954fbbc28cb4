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
        return new Credential(header, new SignerAuthenticator(signer), Binding(origin));
    }
}
