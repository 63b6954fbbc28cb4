using System.Net;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.Testing;

/// <summary>What a test certificate says. The defaults give a certificate that a server on the loopback addresses can use.</summary>
public sealed record TestCertificateOptions
{
    /// <summary>The subject's common name. The default value is null: the first DNS name, or <c>test</c>.</summary>
    public string? CommonName { get; init; }

    /// <summary>The DNS names, wildcards such as <c>*.example.test</c> included. The default value is <c>localhost</c>.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = ["localhost"];

    /// <summary>The addresses. The default value is 127.0.0.1 and ::1.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    /// <summary>Valid from. The default value is null: a day ago.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Valid until. The default value is null: 30 days after the start of the authority.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>The key. The default value is <see cref="TestKeyKind.EcdsaP256"/>.</summary>
    public TestKeyKind Key { get; init; }

    /// <summary>
    /// The digest that the issuer signs. The default value is SHA-256; SHA-1 gives a weak certificate. Where OpenSSL enforces its usual
    /// security level 2, the servers of this package cannot present a weak certificate: write it with
    /// <see cref="TestCertificateAuthority.WritePem"/> and serve it with a cipher list such as <c>DEFAULT@SECLEVEL=0</c>.
    /// </summary>
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>Whether the certificate may authenticate a server. The default value is true.</summary>
    public bool ServerAuthentication { get; init; } = true;

    /// <summary>Whether the certificate may authenticate a client. The default value is false.</summary>
    public bool ClientAuthentication { get; init; }

    /// <summary>A certificate for a client: no names of hosts, only client authentication.</summary>
    /// <param name="commonName">The client's name.</param>
    public static TestCertificateOptions ForClient(string commonName) =>
        new() { CommonName = commonName, DnsNames = [], Addresses = [], ServerAuthentication = false, ClientAuthentication = true };
}
