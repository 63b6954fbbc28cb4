using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Judges a server's certificate chain and remembers why it was refused. One a handshake; fails closed.</summary>
internal sealed class CertificateCheck(TlsOptions options, string expectedName)
{
    private const string Md5Rsa = "1.2.840.113549.1.1.4";
    private const string Sha1Rsa = "1.2.840.113549.1.1.5";
    private const string Sha1Ecdsa = "1.2.840.10045.4.1";

    /// <summary>Why the certificate was refused: a code and a sentence.</summary>
    public (string Code, string Message)? Refusal { get; private set; }

    /// <summary>Whether the server asked for a certificate of ours.</summary>
    public bool IsAskedForOurs { get; private set; }

    public IReadOnlyList<CertificateFacts> Chain { get; private set; } = [];

    public bool Accept(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = Judge(certificate as X509Certificate2, chain, errors);
        return Refusal is null;
    }

    /// <summary>We have no certificate; notes whether the server wants one. The platform asks before the server's own is there, too.</summary>
    public X509Certificate? HaveNone(X509Certificate? remote)
    {
        IsAskedForOurs |= remote is not null;
        return null;
    }

    public static string PinOf(X509Certificate2 certificate) =>
        Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    private (string, string)? Judge(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || chain is null)
            return (ErrorCodes.TlsProtocol, $"{expectedName} presented no certificate.");
        Chain = Describe(certificate, chain);
        if (!options.InsecureAcceptAnyCertificate)
        {
            if (ChainProblem(certificate, chain, errors) is { } problem)
                return problem;
            if (!options.AllowWeakCertificates && WeakCertificate(chain) is { } weak)
                return (ErrorCodes.TlsWeak, weak);
        }
        return options.Pins.Count == 0 || MatchesPin(chain)
            ? null
            : (ErrorCodes.TlsPin, $"No key in the chain of {expectedName} matches a pin; the server's own is sha256//{PinOf(certificate)}.");
    }

    private (string, string)? ChainProblem(X509Certificate2 certificate, X509Chain chain, SslPolicyErrors errors)
    {
        var flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        if (flags.HasFlag(X509ChainStatusFlags.Revoked))
            return (ErrorCodes.TlsRevoked, $"The certificate of {expectedName} has been revoked.");
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            // Which certificate of the chain, and which end of its validity, is what the reader needs to know.
            var culprit = chain.ChainElements.FirstOrDefault(e => e.ChainElementStatus.Any(s => s.Status == X509ChainStatusFlags.NotTimeValid))?.Certificate ?? certificate;
            return culprit.NotBefore > chain.ChainPolicy.VerificationTime
                ? (ErrorCodes.TlsNotYetValid, $"The certificate '{culprit.Subject}' for {expectedName} is valid only from {culprit.NotBefore.ToUniversalTime():u}.")
                : (ErrorCodes.TlsExpired, $"The certificate '{culprit.Subject}' for {expectedName} expired on {culprit.NotAfter.ToUniversalTime():u}.");
        }
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return flags.HasFlag(X509ChainStatusFlags.HasWeakSignature)
                ? (ErrorCodes.TlsWeak, $"The certificate chain of {expectedName} has a weak signature.")
                : (ErrorCodes.TlsUntrusted, $"No trusted root vouches for the certificate of {expectedName}, issued by '{certificate.Issuer}' ({flags}).");
        }
        if (options.AcceptsAnyName)
            errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
        else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) || !HasAlternativeName(certificate))
        {
            var names = string.Join(", ", Names(certificate).Take(8));
            return (ErrorCodes.TlsNameMismatch, $"The certificate is for {(names.Length == 0 ? "no name" : names)}, not for {expectedName}.");
        }
        return errors == SslPolicyErrors.None ? null : (ErrorCodes.TlsUntrusted, $"The certificate of {expectedName} was not accepted ({errors}).");
    }

    /// <summary>Weak keys anywhere, weak signatures below the root (a root is trusted for its key, not for its signature).</summary>
    public static string? WeakCertificate(X509Chain chain)
    {
        for (var i = 0; i < chain.ChainElements.Count; i++)
        {
            var certificate = chain.ChainElements[i].Certificate;
            using var rsa = certificate.GetRSAPublicKey();
            using var ec = certificate.GetECDsaPublicKey();
            if (rsa is { KeySize: < 2048 } || ec is { KeySize: < 256 })
                return $"The certificate '{certificate.Subject}' has a key of only {rsa?.KeySize ?? ec!.KeySize} bits.";
            var isRoot = i == chain.ChainElements.Count - 1 && certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
            if (!isRoot && certificate.SignatureAlgorithm.Value is Sha1Rsa or Sha1Ecdsa or Md5Rsa)
                return $"The certificate '{certificate.Subject}' is signed with {certificate.SignatureAlgorithm.FriendlyName}.";
        }
        return null;
    }

    private bool MatchesPin(X509Chain chain)
    {
        // In a chain that nobody validated, only the first key is proven to be the peer's.
        foreach (var element in options.InsecureAcceptAnyCertificate ? chain.ChainElements.Take(1) : chain.ChainElements)
        {
            var pin = PinOf(element.Certificate);
            foreach (var wanted in options.Pins)
            {
                if (wanted.AsSpan(wanted.StartsWith("sha256//", StringComparison.Ordinal) ? 8 : 0).SequenceEqual(pin))
                    return true;
            }
        }
        return false;
    }

    public static List<CertificateFacts> Describe(X509Certificate2 certificate, X509Chain chain)
    {
        var certificates = chain.ChainElements.Count > 0 ? chain.ChainElements.Select(e => e.Certificate) : [certificate];
        return certificates.Select(c => new CertificateFacts(
            c.Subject, c.Issuer, Names(c), c.NotBefore.ToUniversalTime(), c.NotAfter.ToUniversalTime(), PinOf(c))).ToList();
    }

    // The platform falls back on the common name, which is no place for the name of a server (RFC 9525, section 2).
    private bool HasAlternativeName(X509Certificate2 certificate)
    {
        var isAddress = IPAddress.TryParse(expectedName, out var address);
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            if (isAddress ? extension.EnumerateIPAddresses().Contains(address!) : extension.EnumerateDnsNames().Any())
                return true;
        }
        return false;
    }

    private static List<string> Names(X509Certificate2 certificate)
    {
        var names = new List<string>();
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(extension.EnumerateDnsNames());
            names.AddRange(extension.EnumerateIPAddresses().Select(a => a.ToString()));
        }
        return names;
    }
}
