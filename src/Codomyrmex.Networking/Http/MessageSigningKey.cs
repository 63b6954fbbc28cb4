using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// A key that signs HTTP messages (RFC 9421, section 3.3), with the name that the verifier knows it by. The platform has no Ed25519: bring it with
/// <see cref="Custom"/>. Thread-safe; the key given stays the caller's to dispose.
/// </summary>
public sealed class MessageSigningKey
{
    private readonly Func<byte[], byte[]> _sign;

    private MessageSigningKey(string algorithm, string keyId, Func<byte[], byte[]> sign)
    {
        ArgumentException.ThrowIfNullOrEmpty(keyId);
        Protocol.StructuredText.String(keyId, nameof(keyId));
        Algorithm = algorithm;
        KeyId = keyId;
        _sign = sign;
    }

    /// <summary>The algorithm, as registered.</summary>
    public string Algorithm { get; }

    /// <summary>The <c>keyid</c> parameter.</summary>
    public string KeyId { get; }

    /// <summary><c>hmac-sha256</c>: a secret that both sides know.</summary>
    /// <param name="secret">The secret; copied.</param>
    /// <param name="keyId">Its name.</param>
    public static MessageSigningKey Hmac(ReadOnlySpan<byte> secret, string keyId)
    {
        if (secret.IsEmpty)
            throw new ArgumentException("A secret is not empty.", nameof(secret));
        var copy = secret.ToArray();
        return new("hmac-sha256", keyId, text => HMACSHA256.HashData(copy, text));
    }

    /// <summary><c>ecdsa-p256-sha256</c> or <c>ecdsa-p384-sha384</c>, by the key's curve.</summary>
    /// <param name="key">The private key.</param>
    /// <param name="keyId">Its name; null for its JWK thumbprint (RFC 7638).</param>
    /// <exception cref="ArgumentException">The key is on another curve.</exception>
    public static MessageSigningKey Ecdsa(ECDsa key, string? keyId = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        var (name, hash) = key.KeySize switch
        {
            256 => ("ecdsa-p256-sha256", HashAlgorithmName.SHA256),
            384 => ("ecdsa-p384-sha384", HashAlgorithmName.SHA384),
            _ => throw new ArgumentException("Message signatures know the curves P-256 and P-384 (RFC 9421, section 3.3).", nameof(key)),
        };
        return new(name, keyId ?? Thumbprint(key), InTurn(text => key.SignData(text, hash)));
    }

    /// <summary><c>rsa-pss-sha512</c>.</summary>
    /// <param name="key">The private key.</param>
    /// <param name="keyId">Its name; null for its JWK thumbprint (RFC 7638).</param>
    public static MessageSigningKey RsaPss(RSA key, string? keyId = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new("rsa-pss-sha512", keyId ?? Thumbprint(key), InTurn(text => key.SignData(text, HashAlgorithmName.SHA512, RSASignaturePadding.Pss)));
    }

    /// <summary><c>rsa-v1_5-sha256</c>, for verifiers that know nothing better.</summary>
    /// <param name="key">The private key.</param>
    /// <param name="keyId">Its name; null for its JWK thumbprint (RFC 7638).</param>
    public static MessageSigningKey RsaPkcs1(RSA key, string? keyId = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new("rsa-v1_5-sha256", keyId ?? Thumbprint(key), InTurn(text => key.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    /// <summary>Any other algorithm, or a key that does not leave its hardware; <c>ed25519</c> with a library of your own.</summary>
    /// <param name="algorithm">Its registered name.</param>
    /// <param name="keyId">The key's name.</param>
    /// <param name="sign">Signs bytes. Must be thread-safe.</param>
    public static MessageSigningKey Custom(string algorithm, string keyId, Func<byte[], byte[]> sign)
    {
        ArgumentException.ThrowIfNullOrEmpty(algorithm);
        ArgumentNullException.ThrowIfNull(sign);
        return new(algorithm, keyId, sign);
    }

    /// <summary>Algorithm and name; never the key.</summary>
    public override string ToString() => $"{Algorithm} {KeyId}";

    internal byte[] Sign(string text) => _sign(Encoding.ASCII.GetBytes(text));

    // The platform's key objects do not promise to be thread-safe.
    private static Func<byte[], byte[]> InTurn(Func<byte[], byte[]> sign)
    {
        var gate = new Lock();
        return text =>
        {
            lock (gate)
                return sign(text);
        };
    }

    private static string Thumbprint(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return Thumbprint($"{{\"crv\":\"P-{key.KeySize}\",\"kty\":\"EC\",\"x\":\"{Base64Url.EncodeToString(point.X)}\",\"y\":\"{Base64Url.EncodeToString(point.Y)}\"}}");
    }

    private static string Thumbprint(RSA key)
    {
        var numbers = key.ExportParameters(includePrivateParameters: false);
        return Thumbprint($"{{\"e\":\"{Base64Url.EncodeToString(numbers.Exponent)}\",\"kty\":\"RSA\",\"n\":\"{Base64Url.EncodeToString(numbers.Modulus)}\"}}");
    }

    private static string Thumbprint(string key) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(key)));
}
