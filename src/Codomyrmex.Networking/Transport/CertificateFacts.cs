namespace Codomyrmex.Networking.Transport;

/// <summary>What a certificate says.</summary>
/// <param name="Subject">Its subject.</param>
/// <param name="Issuer">Its issuer.</param>
/// <param name="Names">The DNS names and IP addresses it is for.</param>
/// <param name="NotBefore">Start of its validity.</param>
/// <param name="NotAfter">End of its validity.</param>
/// <param name="Pin">The base64 SHA-256 digest of its public key (RFC 7469), as <see cref="TlsOptions.Pins"/> takes it.</param>
public sealed record CertificateFacts(
    string Subject, string Issuer, IReadOnlyList<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Pin);
