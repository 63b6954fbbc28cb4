using System.Globalization;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>A host key's fingerprint as DNS has it (RFC 4255, section 3; RFC 6594; RFC 7479). Those by SHA-1 are not read: nothing is to rest on it.</summary>
/// <param name="Algorithm">The kind of key: 1 RSA, 3 ECDSA, 4 Ed25519.</param>
/// <param name="Digest">The SHA-256 of the key.</param>
internal sealed record SshfpRecord(int Algorithm, byte[] Digest)
{
    private const string Sha256Kind = "2";

    /// <summary>Reads the data of a record; null where it is not by SHA-256, or no fingerprint at all.</summary>
    /// <param name="data">As a zone file writes it.</param>
    public static SshfpRecord? Parse(string data)
    {
        var words = data.Split(' ');
        return words is [var algorithm, Sha256Kind, { Length: 64 } digest] && int.TryParse(algorithm, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && !digest.AsSpan().ContainsAnyExcept("0123456789ABCDEFabcdef")
            ? new(number, Convert.FromHexString(digest))
            : null;
    }

    /// <summary>Whether it is the fingerprint of a key.</summary>
    public bool Names(SshPublicKey key) => IsOfType(key.Plain.Type) && CryptographicOperations.FixedTimeEquals(Digest, SHA256.HashData(key.Plain.Blob));

    /// <summary>Whether keys of a type have such records.</summary>
    public bool IsOfType(string type) => Algorithm == type switch
    {
        KeyTypes.Rsa => 1,
        KeyTypes.Nistp256 or KeyTypes.Nistp384 or KeyTypes.Nistp521 => 3,
        KeyTypes.Ed25519 => 4,
        _ => -1,
    };
}
