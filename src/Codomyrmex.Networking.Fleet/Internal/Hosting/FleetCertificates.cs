using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>Mutual TLS between machines, and between programs and machines: both sides show a certificate of the fleet's authority, and trust no other.</summary>
internal static class FleetCertificates
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>Reads the files.</summary>
    /// <exception cref="NetworkException">One cannot be read (<c>local.io</c>).</exception>
    public static Action<TlsOptions> Read(FleetTls tls)
    {
        try
        {
            var authority = X509CertificateLoader.LoadCertificate(File.ReadAllBytes(tls.AuthorityPath));
            using var pem = X509Certificate2.CreateFromPemFile(tls.CertificatePath, tls.KeyPath);
            // The platform's TLS wants the key beside its certificate, not bound to a file.
            var own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
            if (!IsFor(own, ServerUse) || !IsFor(own, ClientUse))
                throw new CryptographicException("this machine's is not both for servers and for clients (extended key usage), and it is either in turn");
            var between = new X509Certificate2Collection();
            between.ImportFromPemFile(tls.CertificatePath);
            return options => Set(options, own, authority, between);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.LocalIo,
                Message = $"The fleet's certificates cannot be used: {error.Message.TrimEnd('.')}.",
                Phase = NetworkPhase.Prepare,
                Hint = "The authority's certificate, this machine's, and its key without a password: three files in PEM.",
            }.ToException(error);
        }
    }

    private static void Set(TlsOptions options, X509Certificate2 own, X509Certificate2 authority, X509Certificate2Collection between)
    {
        options.LocalCertificate = own;
        options.LocalClientCertificateSelector = (_, _, _, _, _) => own;
        options.SslProtocols = System.Security.Authentication.SslProtocols.Tls13 | System.Security.Authentication.SslProtocols.Tls12;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.CheckCertificateRevocation = false;
        options.RemoteCertificateValidation = (certificate, chain, _) => certificate is not null && IsOfFleet(certificate, authority, chain, between);
        options.OnAuthenticateAsServer = (_, server) => server.ClientCertificateRequired = true;
        // Machines are known by their authority: addresses change, and no certificate names them.
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = "codonet-fleet";
    }

    /// <summary>Whether a certificate is in force and was signed by the fleet's authority, and by no other that the system trusts.</summary>
    private static bool IsOfFleet(X509Certificate2 certificate, X509Certificate2 authority, X509Chain? sent, X509Certificate2Collection between)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.ExtraStore.AddRange(between);
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainElements.Select(static element => element.Certificate).ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (!chain.Build(certificate))
            return false;
        return IsFor(certificate, ServerUse) && IsFor(certificate, ClientUse);
    }

    // One that does not say what it is for is for everything (RFC 5280, section 4.2.1.12).
    private static bool IsFor(X509Certificate2 certificate, string use) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is not { } uses || uses.EnhancedKeyUsages.Cast<Oid>().Any(one => one.Value == use);
}
