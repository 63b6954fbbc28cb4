using System.Security.Cryptography;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>A hash function of RFC 7616, section 6.1. SHA-512-256 is left out: the platform has none.</summary>
/// <param name="Name">As the server wrote it.</param>
/// <param name="Hash">The function.</param>
/// <param name="IsSession">Whether the password's digest is mixed with the first nonces (<c>-sess</c>).</param>
internal sealed record DigestAlgorithm(string? Name, HashAlgorithmName Hash, bool IsSession)
{
    /// <summary>The algorithm of a challenge; MD5 where it names none; null for one that we do not know.</summary>
    public static DigestAlgorithm? Of(string? name) => name?.ToUpperInvariant() switch
    {
        "SHA-256" => new(name, HashAlgorithmName.SHA256, false),
        "SHA-256-SESS" => new(name, HashAlgorithmName.SHA256, true),
        null or "MD5" => new(name, HashAlgorithmName.MD5, false),
        "MD5-SESS" => new(name, HashAlgorithmName.MD5, true),
        _ => null,
    };

    public bool IsWeak => Hash == HashAlgorithmName.MD5;
}
