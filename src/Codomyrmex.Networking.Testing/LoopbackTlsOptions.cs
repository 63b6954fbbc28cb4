using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Codomyrmex.Networking.Testing;

/// <summary>How a server of this package speaks TLS.</summary>
public sealed record LoopbackTlsOptions
{
    /// <summary>The server's certificate, with its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>The intermediates sent after it. The default value is empty.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>Picks another certificate by the name that the client asked for (SNI); null from it means <see cref="Certificate"/>. The default value is null.</summary>
    public Func<string, X509Certificate2?>? SelectCertificate { get; init; }

    /// <summary>Whether a client without a certificate is refused. The default value is false.</summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>The roots that client certificates must lead to. The default value is null: any certificate is taken.</summary>
    public X509Certificate2Collection? ClientRoots { get; init; }

    /// <summary>The versions offered. The default value is <see cref="SslProtocols.None"/>: those of the system.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.None;
}
