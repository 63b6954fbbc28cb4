using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Codomyrmex.Networking.Transport;

/// <summary>How a server speaks TLS: who it is, and whom it lets in. Immutable.</summary>
public sealed record TlsServerOptions
{
    /// <summary>The certificate, with its private key, that is presented. Null only where <see cref="SelectCertificate"/> chooses one for every name.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Certificates between <see cref="Certificate"/> and a root, sent along with it. The default value is null: none.</summary>
    public X509Certificate2Collection? Intermediates { get; init; }

    /// <summary>
    /// Chooses the certificate by the name that the client asks for (SNI, RFC 6066), empty where it names none. Null, or null for a name:
    /// <see cref="Certificate"/>; where that is null too, the handshake fails. The default value is null.
    /// </summary>
    public Func<string, X509Certificate2?>? SelectCertificate { get; init; }

    /// <summary>The application protocols spoken (ALPN, RFC 7301), in order of preference. The default value is empty: none.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = [];

    /// <summary>The lowest version accepted. The default value is TLS 1.2 (RFC 5246); TLS 1.3 (RFC 8446) is always accepted.</summary>
    public SslProtocols MinimumVersion { get; init; } = SslProtocols.Tls12;

    /// <summary>
    /// The roots that must vouch for a client's certificate; every client must then present one that is for client authentication.
    /// The default value is null: clients are not asked.
    /// </summary>
    public X509Certificate2Collection? ClientRoots { get; init; }

    /// <summary>
    /// Pins: base64 SHA-256 digests of SubjectPublicKeyInfo, one of which a client's own certificate must match, beside
    /// <see cref="ClientRoots"/>. The default value is empty: any.
    /// </summary>
    public IReadOnlyList<string> ClientPins { get; init; } = [];

    /// <summary>Whether clients' certificates are checked for revocation. The default value is <see cref="X509RevocationMode.NoCheck"/>.</summary>
    public X509RevocationMode Revocation { get; init; } = X509RevocationMode.NoCheck;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (Certificate is null && SelectCertificate is null)
            throw new ArgumentException("TlsServerOptions.Certificate or TlsServerOptions.SelectCertificate is required.", nameof(Certificate));
        if (Certificate is { HasPrivateKey: false })
            throw new ArgumentException("TlsServerOptions.Certificate: the certificate has no private key.", nameof(Certificate));
        if (ClientRoots is { Count: 0 })
            throw new ArgumentException("TlsServerOptions.ClientRoots is empty: no client could get in.", nameof(ClientRoots));
        if (ClientPins.Count > 0 && ClientRoots is null)
            throw new ArgumentException("TlsServerOptions.ClientPins needs TlsServerOptions.ClientRoots.", nameof(ClientPins));
        if (Protocols.Any(static protocol => protocol.Length is 0 or > 255))
            throw new ArgumentException("TlsServerOptions.Protocols: a name has 1 to 255 bytes.", nameof(Protocols));
        new TlsOptions { Pins = ClientPins }.Validate();
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Certificate = ").Append(Certificate?.Subject ?? "chosen by name").Append(", MinimumVersion = ").Append(MinimumVersion)
            .Append(", AsksClients = ").Append(ClientRoots is not null);
        return true;
    }
}
