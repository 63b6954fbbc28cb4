using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Runs the TLS handshake of a server, with our trust rules and our errors. Made once, so that sessions can be resumed. Thread-safe.</summary>
internal sealed class TlsAcceptor(TlsServerOptions options)
{
    // A context holds the chain to send, which is not looked for with every handshake.
    private readonly ConditionalWeakTable<X509Certificate2, SslStreamCertificateContext> _contexts = [];

    public async Task<(Stream Stream, TlsFacts Facts)> AcceptAsync(Stream stream, Endpoint peer, CancellationToken cancellationToken)
    {
        var check = options.ClientRoots is null ? null : new ClientCertificateCheck(options);
        var tls = new TlsStream(stream);
        try
        {
            await tls.AuthenticateAsServerAsync((_, hello, _, _) => ValueTask.FromResult(Settings(hello.ServerName, check)), null, cancellationToken).ConfigureAwait(false);
            return (tls, TlsConnector.Facts(tls, check?.Chain ?? []));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw Failure(error, check, peer).ToException(error);
        }
        catch (OperationCanceledException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private SslServerAuthenticationOptions Settings(string serverName, ClientCertificateCheck? check)
    {
        var certificate = options.SelectCertificate?.Invoke(serverName) ?? options.Certificate
            ?? throw new AuthenticationException($"There is no certificate for the name '{Printable.Text(serverName)}' (TlsServerOptions.SelectCertificate).");
        var settings = new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = TlsConnector.Versions(options.MinimumVersion),
            ServerCertificateContext = _contexts.GetValue(certificate, Context),
            ApplicationProtocols = options.Protocols.Count == 0 ? null : [.. options.Protocols.Select(static name => new SslApplicationProtocol(name))],
        };
        if (check is not null)
        {
            settings.ClientCertificateRequired = true;
            settings.CertificateChainPolicy = ClientCertificateCheck.Policy(options);
            settings.RemoteCertificateValidationCallback = (_, presented, chain, errors) => check.Accept(presented as X509Certificate2, chain, errors);
        }
        return settings;
    }

    private SslStreamCertificateContext Context(X509Certificate2 certificate) => SslStreamCertificateContext.Create(certificate, options.Intermediates, offline: true);

    private static NetworkFailure Failure(Exception error, ClientCertificateCheck? check, Endpoint peer)
    {
        var (code, message) = check?.Refusal ?? (ErrorMap.TlsCode(error), $"The TLS handshake with {peer} failed: {TlsConnector.Reason(error)}");
        return new NetworkFailure { Code = code, Message = message, Phase = NetworkPhase.Tls, Endpoint = peer };
    }
}
