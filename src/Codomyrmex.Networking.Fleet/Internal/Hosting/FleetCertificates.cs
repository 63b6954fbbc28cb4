using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>
/// Mutual TLS between machines, between programs and machines, and between agents and who calls them: both sides show a certificate of the fleet's authority, and trust no other.
/// </summary>
internal sealed class FleetCertificates
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _between;
    private readonly X509Certificate2Collection _roots;

    private FleetCertificates(X509Certificate2 authority, X509Certificate2 own, X509Certificate2Collection between) =>
        (_authority, _own, _between, _roots) = (authority, own, between, [authority]);

    /// <summary>The pin of this machine's key: others that were told it know that it is this machine.</summary>
    public string Pin => CertificateCheck.PinOf(_own);

    /// <summary>How an agent here speaks TLS.</summary>
    public TlsServerOptions Server => new() { Certificate = _own, Intermediates = _between, ClientRoots = _roots };

    /// <summary>Reads the files.</summary>
    /// <exception cref="NetworkException">One cannot be read (<c>local.io</c>).</exception>
    public static FleetCertificates Read(FleetTls tls)
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
            return new FleetCertificates(authority, own, between);
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

    /// <summary>How an agent is spoken to whose key is known. Machines are known by their authority and their key: addresses change, and no certificate names them.</summary>
    public TlsOptions Client(string pin) =>
        new() { ClientCertificate = _own, ClientIntermediates = _between, TrustedRoots = _roots, AcceptsAnyName = true, Pins = [pin] };

    /// <summary>Sets the engine's own connections up.</summary>
    public void Set(Orleans.Connections.Security.TlsOptions options)
    {
        options.LocalCertificate = _own;
        options.LocalClientCertificateSelector = (_, _, _, _, _) => _own;
        options.SslProtocols = System.Security.Authentication.SslProtocols.Tls13 | System.Security.Authentication.SslProtocols.Tls12;
        options.RemoteCertificateMode = Orleans.Connections.Security.RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = Orleans.Connections.Security.RemoteCertificateMode.RequireCertificate;
        options.CheckCertificateRevocation = false;
        options.RemoteCertificateValidation = (certificate, chain, _) => certificate is not null && IsOfFleet(certificate, chain);
        options.OnAuthenticateAsServer = (_, server) => server.ClientCertificateRequired = true;
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = "codonet-fleet";
    }

    /// <summary>Whether a certificate is in force and was signed by the fleet's authority, and by no other that the system trusts.</summary>
    private bool IsOfFleet(X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.ExtraStore.AddRange(_between);
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
