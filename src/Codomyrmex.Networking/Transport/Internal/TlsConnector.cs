using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Runs the TLS handshake over any stream, with our trust rules and our errors.</summary>
internal static class TlsConnector
{
    public static async Task<Stream> ConnectAsync(
        DialedStream stream, TlsOptions options, string host, IReadOnlyList<SslApplicationProtocol> protocols, CancellationToken cancellationToken)
    {
        var name = options.ServerName ?? host;
        var check = new CertificateCheck(options, name);
        var tls = new TlsStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(ClientOptions(options, name, protocols, check), cancellationToken).ConfigureAwait(false);
            stream.Trace.TlsFacts = Facts(tls, check.Chain);
            return tls;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (check.Chain.Count > 0)
                stream.Trace.TlsFacts = Facts(tls, check.Chain);
            await tls.DisposeAsync().ConfigureAwait(false);
            throw Failure(error, check, stream.Trace.Endpoint).ToException(error);
        }
        catch (OperationCanceledException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static SslClientAuthenticationOptions ClientOptions(
        TlsOptions options, string name, IReadOnlyList<SslApplicationProtocol> protocols, CertificateCheck check) => new()
        {
            TargetHost = name,
            EnabledSslProtocols = Versions(options.MinimumVersion),
            ApplicationProtocols = protocols.Count == 0 ? null : [.. protocols],
            CertificateChainPolicy = ChainPolicy(options),
            ClientCertificateContext = options.ClientCertificate is { } certificate
                ? SslStreamCertificateContext.Create(certificate, options.ClientIntermediates, offline: true)
                : null,
            LocalCertificateSelectionCallback = options.ClientCertificate is null ? (_, _, _, remote, _) => check.HaveNone(remote)! : null,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => check.Accept(certificate, chain, errors),
        };

    // A range, not SslProtocols.None: the system's own minimum may be lower than the one promised.
    public static SslProtocols Versions(SslProtocols minimum)
    {
#pragma warning disable CA5398 // The versions are the caller's choice; the default starts at TLS 1.2.
        SslProtocols[] order = [SslProtocols.Tls12, SslProtocols.Tls13];
        return order.Where(v => v >= minimum).Aggregate(minimum, (all, version) => all | version);
#pragma warning restore CA5398
    }

    private static X509ChainPolicy ChainPolicy(TlsOptions options)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = options.Revocation,
            // Fetching intermediates or CRLs by a URL in the certificate would be a request that no policy has seen.
            DisableCertificateDownloads = options.Revocation != X509RevocationMode.Online,
        };
        policy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1"));
        if (options.TrustedRoots is { } roots)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }
        return policy;
    }

    public static TlsFacts Facts(SslStream tls, IReadOnlyList<CertificateFacts> chain) => new(
        tls.IsAuthenticated ? Version(tls.SslProtocol) : "",
        tls.IsAuthenticated ? tls.NegotiatedCipherSuite.ToString() : "",
        tls.IsAuthenticated && !tls.NegotiatedApplicationProtocol.Protocol.IsEmpty ? tls.NegotiatedApplicationProtocol.ToString() : null,
        chain);

    private static string Version(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls13 => "TLS 1.3",
        SslProtocols.Tls12 => "TLS 1.2",
        _ => protocol.ToString(),
    };

    private static NetworkFailure Failure(Exception error, CertificateCheck check, Endpoint endpoint)
    {
        if (check.Refusal is null && IsPlain(error))
        {
            return new NetworkFailure
            {
                Code = ErrorCodes.TlsProtocol,
                Message = $"{endpoint} does not speak TLS there: what it answered is no TLS record.",
                Hint = "Check the port; or write http or ws where the server speaks them there and the network may read along.",
                Phase = NetworkPhase.Tls,
                Endpoint = endpoint,
            };
        }
        var (code, message) = check.Refusal ?? (ErrorMap.TlsCode(error), $"The TLS handshake with {endpoint} failed: {Reason(error)}");
        // TLS 1.2 has no alert of its own for a certificate that is missing (RFC 5246, section 7.4.6).
        if (code == ErrorCodes.TlsProtocol && check.IsAskedForOurs)
            code = ErrorCodes.TlsClientCertificateRequired;
        return new NetworkFailure { Code = code, Message = message, Phase = NetworkPhase.Tls, Endpoint = endpoint };
    }

    // The platform's words for a record that is none (RFC 8446, section 5.1).
    private static bool IsPlain(Exception error) => Reason(error).Contains("frame size", StringComparison.Ordinal);

    public static string Reason(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error.Message;
    }
}
