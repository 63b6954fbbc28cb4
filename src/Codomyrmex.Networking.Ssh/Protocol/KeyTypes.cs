namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Names of key types and of the algorithms that sign with them.</summary>
internal static class KeyTypes
{
    public const string Ed25519 = "ssh-ed25519";
    public const string Rsa = "ssh-rsa";
    public const string Dsa = "ssh-dss";
    public const string Nistp256 = "ecdsa-sha2-nistp256";
    public const string Nistp384 = "ecdsa-sha2-nistp384";
    public const string Nistp521 = "ecdsa-sha2-nistp521";
    public const string SecurityKeyEd25519 = "sk-ssh-ed25519@openssh.com";
    public const string SecurityKeyEcdsa = "sk-ecdsa-sha2-nistp256@openssh.com";
    public const string RsaSha256 = "rsa-sha2-256";
    public const string RsaSha512 = "rsa-sha2-512";

    private const string CertificateEnding = "-cert-v01@openssh.com";

    public static bool IsCertificate(string type) => type.EndsWith(CertificateEnding, StringComparison.Ordinal);

    /// <summary>The type of the key that a certificate of this type is about.</summary>
    public static string Plain(string type) => !IsCertificate(type) ? type : type switch
    {
        "sk-ssh-ed25519-cert-v01@openssh.com" => SecurityKeyEd25519,
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com" => SecurityKeyEcdsa,
        _ => type[..^CertificateEnding.Length],
    };

    /// <summary>The algorithms that a key of this type may sign by, the best first. RSA with SHA-1 is none of them (RFC 8332; CVE class 53).</summary>
    public static string[] SignatureAlgorithms(string type) => Plain(type) switch
    {
        Rsa when IsCertificate(type) => [RsaSha512 + CertificateEnding, RsaSha256 + CertificateEnding],
        Rsa => [RsaSha512, RsaSha256],
        _ => [type],
    };

    /// <summary>The type of the key that an algorithm of a key exchange or of a signature belongs to.</summary>
    public static string OfAlgorithm(string algorithm) => Plain(algorithm) switch
    {
        RsaSha256 or RsaSha512 or Rsa => Rsa,
        var plain => plain,
    };
}
