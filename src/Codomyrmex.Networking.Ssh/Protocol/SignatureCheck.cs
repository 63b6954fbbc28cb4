using System.Security.Cryptography;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Verifies Ed25519 (RFC 8032), which the platform does not have.</summary>
/// <param name="publicKey">32 bytes.</param>
/// <param name="data">What was signed.</param>
/// <param name="signature">64 bytes.</param>
internal delegate bool Ed25519Verifier(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

/// <summary>Checks signatures as SSH writes them: the name of an algorithm and a value (RFC 4253, section 6.6; RFC 5656; RFC 8332; RFC 8709).</summary>
internal static class SignatureCheck
{
    /// <summary>Whether the signature is one of the key over the data, by an algorithm that is strong enough; false also where any of them is malformed.</summary>
    public static bool Holds(SshPublicKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, Ed25519Verifier ed25519)
    {
        try
        {
            var reader = new WireReader(signature);
            var algorithm = reader.Text();
            var value = reader.String();
            reader.End();
            if (!KeyTypes.SignatureAlgorithms(key.Type).Contains(algorithm))
                return false;
            var fields = new WireReader(key.Blob);
            _ = fields.String();
            return key.Type switch
            {
                KeyTypes.Ed25519 => value.Length == 64 && ed25519(fields.String(), data, value),
                KeyTypes.Rsa => HoldsRsa(ref fields, data, value, algorithm),
                KeyTypes.Nistp256 => HoldsEcdsa(ref fields, ECCurve.NamedCurves.nistP256, 32, HashAlgorithmName.SHA256, data, value),
                KeyTypes.Nistp384 => HoldsEcdsa(ref fields, ECCurve.NamedCurves.nistP384, 48, HashAlgorithmName.SHA384, data, value),
                KeyTypes.Nistp521 => HoldsEcdsa(ref fields, ECCurve.NamedCurves.nistP521, 66, HashAlgorithmName.SHA512, data, value),
                _ => false,
            };
        }
        catch (Exception malformed) when (malformed is FormatException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static bool HoldsRsa(ref WireReader fields, ReadOnlySpan<byte> data, ReadOnlySpan<byte> value, string algorithm)
    {
        var exponent = fields.PositiveInteger().ToArray();
        var modulus = fields.PositiveInteger().ToArray();
        if (value.Length > modulus.Length)
            return false;
        using var rsa = RSA.Create(new RSAParameters { Exponent = exponent, Modulus = modulus });
        var hash = algorithm == KeyTypes.RsaSha512 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;
        return rsa.VerifyData(data, Padded(value, modulus.Length), hash, RSASignaturePadding.Pkcs1);
    }

    private static bool HoldsEcdsa(ref WireReader fields, ECCurve curve, int size, HashAlgorithmName hash, ReadOnlySpan<byte> data, ReadOnlySpan<byte> value)
    {
        _ = fields.String();
        var point = fields.String();
        var numbers = new WireReader(value);
        var r = numbers.PositiveInteger();
        var s = numbers.PositiveInteger();
        numbers.End();
        if (r.Length > size || s.Length > size)
            return false;
        var q = new ECPoint { X = point[1..(1 + size)].ToArray(), Y = point[(1 + size)..].ToArray() };
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = curve, Q = q });
        return ecdsa.VerifyData(data, [.. Padded(r, size), .. Padded(s, size)], hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static byte[] Padded(ReadOnlySpan<byte> value, int length)
    {
        var padded = new byte[length];
        value.CopyTo(padded.AsSpan(length - value.Length));
        return padded;
    }
}
