using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>A public key for signatures (RFC 7517), elliptic or RSA. Keys of other kinds, for other uses or too weak to be believed are passed over.</summary>
internal sealed class JsonWebKey
{
    private const int MostKeys = 100;
    private const int LeastRsaBits = 2048;
    private const int MostRsaBytes = 1024;

    private readonly ECParameters? _elliptic;
    private readonly RSAParameters? _rsa;
    private readonly string? _algorithm;

    private JsonWebKey(string id, string? algorithm, ECParameters? elliptic, RSAParameters? rsa) => (Id, _algorithm, _elliptic, _rsa) = (id, algorithm, elliptic, rsa);

    public string Id { get; }

    /// <summary>Reads a set of keys (section 5).</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static IReadOnlyList<JsonWebKey> ReadSet(ReadOnlySpan<byte> json)
    {
        JsonElement set;
        try
        {
            set = JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException("The set of keys is no JSON.", error);
        }
        if (set.ValueKind != JsonValueKind.Object || !set.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
            throw new FormatException("The set of keys has no list of keys.");
        return [.. keys.EnumerateArray().Take(MostKeys).Select(Read).OfType<JsonWebKey>()];
    }

    /// <summary>Whether a signature by this key, with that algorithm (RFC 7518, section 3.1), is right.</summary>
    public bool Verifies(string algorithm, byte[] data, byte[] signature)
    {
        if (_algorithm is not null && _algorithm != algorithm)
            return false;
        try
        {
            return algorithm switch
            {
                "ES256" => VerifiesElliptic(HashAlgorithmName.SHA256, 32, data, signature),
                "ES384" => VerifiesElliptic(HashAlgorithmName.SHA384, 48, data, signature),
                "ES512" => VerifiesElliptic(HashAlgorithmName.SHA512, 66, data, signature),
                "RS256" => VerifiesRsa(HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, data, signature),
                "RS384" => VerifiesRsa(HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1, data, signature),
                "RS512" => VerifiesRsa(HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1, data, signature),
                "PS256" => VerifiesRsa(HashAlgorithmName.SHA256, RSASignaturePadding.Pss, data, signature),
                "PS384" => VerifiesRsa(HashAlgorithmName.SHA384, RSASignaturePadding.Pss, data, signature),
                "PS512" => VerifiesRsa(HashAlgorithmName.SHA512, RSASignaturePadding.Pss, data, signature),
                // "none" and those with a shared secret above all.
                _ => false,
            };
        }
        catch (CryptographicException)
        {
            // A point that is not on its curve, a modulus of nothing.
            return false;
        }
    }

    private bool VerifiesElliptic(HashAlgorithmName hash, int width, byte[] data, byte[] signature)
    {
        // An algorithm belongs to a curve, and the curve to a width.
        if (_elliptic is not { } parameters || parameters.Q.X!.Length != width || signature.Length != 2 * width)
            return false;
        using var key = ECDsa.Create(parameters);
        return key.VerifyData(data, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private bool VerifiesRsa(HashAlgorithmName hash, RSASignaturePadding padding, byte[] data, byte[] signature)
    {
        if (_rsa is not { } parameters)
            return false;
        using var key = RSA.Create(parameters);
        return key.KeySize >= LeastRsaBits && key.VerifyData(data, signature, hash, padding);
    }

    private static JsonWebKey? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !TryText(json, "kid", out var id) || (TryText(json, "use", out var use) && use != "sig"))
            return null;
        var algorithm = TryText(json, "alg", out var given) ? given : null;
        if (!TryText(json, "kty", out var kind))
            return null;
        if (kind == "RSA" && TryBytes(json, "n", out var modulus) && TryBytes(json, "e", out var exponent) && modulus.Length is > 0 and <= MostRsaBytes && exponent.Length is > 0 and <= 8)
            return new JsonWebKey(id, algorithm, null, new RSAParameters { Modulus = modulus, Exponent = exponent });
        if (kind != "EC" || !TryText(json, "crv", out var curve) || !TryBytes(json, "x", out var x) || !TryBytes(json, "y", out var y))
            return null;
        var (named, width) = curve switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48),
            "P-521" => (ECCurve.NamedCurves.nistP521, 66),
            _ => (default, 0),
        };
        return x.Length == width && y.Length == width && width > 0 ? new JsonWebKey(id, algorithm, new ECParameters { Curve = named, Q = new ECPoint { X = x, Y = y } }, null) : null;
    }

    private static bool TryText(JsonElement json, string name, [NotNullWhen(true)] out string? text)
    {
        text = null;
        try
        {
            text = json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a character.
        }
        return text is not null;
    }

    private static bool TryBytes(JsonElement json, string name, out byte[] bytes)
    {
        bytes = [];
        if (!TryText(json, name, out var text) || text.Length > 4 * MostRsaBytes || !Base64Url.IsValid(text))
            return false;
        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }
}
