using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The settings of <see cref="SslStream"/> for a server, made once so that sessions can be resumed.</summary>
internal sealed class TlsServer
{
    private readonly LoopbackTlsOptions _options;
    private readonly SslServerAuthenticationOptions _settings;

    public TlsServer(LoopbackTlsOptions options, bool alpn)
    {
        _options = options;
        _settings = new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = options.Protocols,
            ClientCertificateRequired = options.RequireClientCertificate,
            RemoteCertificateValidationCallback = options.RequireClientCertificate ? Accepts : null,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (options.SelectCertificate is { } select)
            _settings.ServerCertificateSelectionCallback = (_, name) => select(name ?? string.Empty) ?? options.Certificate;
        else
            _settings.ServerCertificateContext = SslStreamCertificateContext.Create(options.Certificate, options.Intermediates, offline: true);
        if (alpn)
            _settings.ApplicationProtocols = [SslApplicationProtocol.Http11];
    }

    public async Task<SslStream> AuthenticateAsync(Stream transport, CancellationToken cancellationToken)
    {
        var stream = new TlsStream(transport);
        try
        {
            await stream.AuthenticateAsServerAsync(_settings, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return false;
        if (_options.ClientRoots is not { } roots)
            return true;
        using var check = new X509Chain();
        check.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        check.ChainPolicy.CustomTrustStore.AddRange(roots);
        check.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain is not null)
            check.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        using var own = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return check.Build(own);
    }
}
