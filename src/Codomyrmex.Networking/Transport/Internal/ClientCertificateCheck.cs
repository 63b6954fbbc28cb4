using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Judges the certificate that a client presents, and remembers why it was refused. One a handshake; fails closed.</summary>
internal sealed class ClientCertificateCheck(TlsServerOptions options)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Why the certificate was refused: a code and a sentence.</summary>
    public (string Code, string Message)? Refusal { get; private set; }

    public IReadOnlyList<CertificateFacts> Chain { get; private set; } = [];

    /// <summary>How chains are built: from the roots that were named, for certificates of clients, without fetching anything by a URL of the peer's.</summary>
    public static X509ChainPolicy Policy(TlsServerOptions options)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = options.Revocation,
            DisableCertificateDownloads = options.Revocation != X509RevocationMode.Online,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
        };
        policy.CustomTrustStore.AddRange(options.ClientRoots!);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    public bool Accept(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = Judge(certificate, chain, errors);
        return Refusal is null;
    }

    private (string, string)? Judge(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || chain is null)
            return (ErrorCodes.TlsClientCertificateRequired, "The client presented no certificate.");
        Chain = CertificateCheck.Describe(certificate, chain);
        var flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, status) => all | status.Status);
        if (flags.HasFlag(X509ChainStatusFlags.Revoked))
            return (ErrorCodes.TlsRevoked, $"The client's certificate '{certificate.Subject}' has been revoked.");
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return (certificate.NotBefore > chain.ChainPolicy.VerificationTime ? ErrorCodes.TlsNotYetValid : ErrorCodes.TlsExpired, $"The client's certificate '{certificate.Subject}' is not valid now.");
        if (errors != SslPolicyErrors.None)
            return (ErrorCodes.TlsUntrusted, $"No trusted root vouches for the client's certificate '{certificate.Subject}' ({flags}).");
        if (CertificateCheck.WeakCertificate(chain) is { } weak)
            return (ErrorCodes.TlsWeak, weak);
        return options.ClientPins.Count == 0 || MatchesPin(certificate)
            ? null
            : (ErrorCodes.TlsPin, $"The key of the client's certificate '{certificate.Subject}' matches no pin; it is sha256//{CertificateCheck.PinOf(certificate)}.");
    }

    private bool MatchesPin(X509Certificate2 certificate)
    {
        var pin = CertificateCheck.PinOf(certificate);
        return options.ClientPins.Any(wanted => wanted.AsSpan(wanted.StartsWith("sha256//", StringComparison.Ordinal) ? 8 : 0).SequenceEqual(pin));
    }
}
