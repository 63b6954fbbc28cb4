namespace Codomyrmex.Networking.Transport;

/// <summary>What a TLS handshake agreed on and whom it met.</summary>
/// <param name="Protocol">The version, for example <c>TLS 1.3</c>; empty where the handshake failed.</param>
/// <param name="CipherSuite">The IANA name of the cipher suite; empty where the handshake failed.</param>
/// <param name="ApplicationProtocol">The ALPN result (RFC 7301), for example <c>h2</c>; null where none was agreed.</param>
/// <param name="Chain">The certificates, the server's own first.</param>
public sealed record TlsFacts(string Protocol, string CipherSuite, string? ApplicationProtocol, IReadOnlyList<CertificateFacts> Chain);
