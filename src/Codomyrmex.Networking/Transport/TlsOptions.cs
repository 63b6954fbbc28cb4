using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Codomyrmex.Networking.Transport;

/// <summary>How TLS connections are made and whom they trust. Immutable; two equal values share connections.</summary>
public sealed record TlsOptions
{
    /// <summary>The defaults: TLS 1.2 or later, the system's roots, weak keys refused.</summary>
    public static TlsOptions Default { get; } = new();

    /// <summary>The lowest version offered. The default value is TLS 1.2 (RFC 5246); TLS 1.3 (RFC 8446) is always offered.</summary>
    public SslProtocols MinimumVersion { get; init; } = SslProtocols.Tls12;

    /// <summary>Roots to trust instead of the system's. The default value is null: the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The certificate, with its private key, to present to servers that ask. The default value is null.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>
    /// Pins: base64 SHA-256 digests of SubjectPublicKeyInfo (RFC 7469, section 2.4), with or without a leading <c>sha256//</c>.
    /// One certificate of the validated chain must match one of them. The default value is empty: no pinning.
    /// </summary>
    public IReadOnlyList<string> Pins { get; init; } = [];

    /// <summary>Whether revocation is checked. The default value is <see cref="X509RevocationMode.NoCheck"/>, as in browsers and curl.</summary>
    public X509RevocationMode Revocation { get; init; } = X509RevocationMode.NoCheck;

    /// <summary>The name to send (SNI, RFC 6066) and to expect in the certificate. The default value is null: the host connected to.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// Whether RSA keys below 2,048 bits, elliptic keys below 256 bits and SHA-1 or MD5 signatures are accepted below the root.
    /// The default value is false.
    /// </summary>
    public bool AllowWeakCertificates { get; init; }

    /// <summary>
    /// Danger: accept any certificate from anybody. The connection is then encrypted but not authenticated. Pins still hold.
    /// The default value is false.
    /// </summary>
    public bool InsecureAcceptAnyCertificate { get; init; }

    /// <summary>
    /// Whether a certificate is taken whatever name it is for, as long as a root vouches for it: for peers that are known by their key, which a pin names. The default value is false.
    /// </summary>
    internal bool AcceptsAnyName { get; init; }

    /// <summary>Certificates between <see cref="ClientCertificate"/> and a root, sent along with it. The default value is null: none.</summary>
    internal X509Certificate2Collection? ClientIntermediates { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        Span<byte> digest = stackalloc byte[33];
        foreach (var pin in Pins)
        {
            if (!Convert.TryFromBase64String(pin.StartsWith("sha256//", StringComparison.Ordinal) ? pin[8..] : pin, digest, out var length) || length != 32)
                throw new ArgumentException($"TlsOptions.Pins: '{pin}' is not the base64 of a SHA-256 digest.", nameof(Pins));
        }
        if (AcceptsAnyName && (Pins.Count == 0 || TrustedRoots is null))
            throw new ArgumentException("TlsOptions.AcceptsAnyName: without a pin and a root of their own, anybody would do.", nameof(AcceptsAnyName));
        if (ClientCertificate is { HasPrivateKey: false })
            throw new ArgumentException("TlsOptions.ClientCertificate: the certificate has no private key.", nameof(ClientCertificate));
    }

    /// <summary>
    /// Whether connections made under one may be used under the other. Pins compare by content, client certificates by their bytes,
    /// root collections by reference.
    /// </summary>
    /// <param name="other">The other.</param>
    public bool Equals(TlsOptions? other) =>
        other is not null && MinimumVersion == other.MinimumVersion && ReferenceEquals(TrustedRoots, other.TrustedRoots) &&
        SameCertificate(ClientCertificate, other.ClientCertificate) && Pins.SequenceEqual(other.Pins, StringComparer.Ordinal) &&
        Revocation == other.Revocation && ServerName == other.ServerName && AllowWeakCertificates == other.AllowWeakCertificates &&
        InsecureAcceptAnyCertificate == other.InsecureAcceptAnyCertificate && AcceptsAnyName == other.AcceptsAnyName && ReferenceEquals(ClientIntermediates, other.ClientIntermediates);

    /// <summary>A hash of what <see cref="Equals(TlsOptions)"/> compares.</summary>
    public override int GetHashCode() =>
        HashCode.Combine(MinimumVersion, Pins.Count, Revocation, ServerName, AllowWeakCertificates, InsecureAcceptAnyCertificate,
            ClientCertificate?.SerialNumber);

    /// <summary>X509Certificate.Equals looks at issuer and serial number only, which two self-signed certificates may well share.</summary>
    private static bool SameCertificate(X509Certificate2? one, X509Certificate2? two) =>
        ReferenceEquals(one, two) || (one is not null && two is not null && one.RawDataMemory.Span.SequenceEqual(two.RawDataMemory.Span));

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("MinimumVersion = ").Append(MinimumVersion).Append(", Pins = ").Append(Pins.Count)
            .Append(", ClientCertificate = ").Append(ClientCertificate?.Subject ?? "none")
            .Append(", InsecureAcceptAnyCertificate = ").Append(InsecureAcceptAnyCertificate);
        return true;
    }
}
