using System.Numerics;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>A public key or an OpenSSH certificate as it goes over the wire (RFC 4253, section 6.6; RFC 5656; RFC 8709), its form checked. Two are equal when their bytes are.</summary>
internal sealed class SshPublicKey : IEquatable<SshPublicKey>
{
    // OpenSSH's own limits; far beyond them one key costs seconds of a core (CVE class 51).
    public const int MostRsaBits = 16384;
    private const int MostDsaBits = 3072;
    private const int MostExponentBits = 64;
    private const int LongestBlob = 64 * 1024;

    private SshPublicKey(string type, byte[] blob, int bits, SshCertificate? certificate)
    {
        (Type, Blob, Bits, Certificate) = (type, blob, bits, certificate);
    }

    /// <summary>The type as its blob names it, such as <c>ssh-ed25519</c>.</summary>
    public string Type { get; }

    public byte[] Blob { get; }

    /// <summary>Its size in bits; 0 for a type that is not known here.</summary>
    public int Bits { get; }

    /// <summary>What it says where it is a certificate.</summary>
    public SshCertificate? Certificate { get; }

    /// <summary>The key itself, without the certificate around it.</summary>
    public SshPublicKey Plain => Certificate?.Key ?? this;

    /// <summary>As <c>ssh-keygen -l</c> writes it: <c>SHA256:</c> and the digest of the plain key in base64 without padding.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(Plain.Blob)).TrimEnd('=');

    /// <summary>As it stands in <c>known_hosts</c> and <c>authorized_keys</c>.</summary>
    public string Text => $"{Type} {Convert.ToBase64String(Blob)}";

    /// <exception cref="FormatException">The bytes are no key.</exception>
    public static SshPublicKey Parse(ReadOnlySpan<byte> blob) => Parse(blob, isCertificateAllowed: true);

    /// <summary>Reads a key that may not be a certificate: the subject and the signer of one.</summary>
    public static SshPublicKey ParsePlain(ReadOnlySpan<byte> blob) => Parse(blob, isCertificateAllowed: false);

    /// <summary>Reads <c>type base64</c>, whatever follows.</summary>
    /// <exception cref="FormatException">It is no key, or one of another type than it says.</exception>
    public static SshPublicKey ParseText(ReadOnlySpan<char> text)
    {
        var words = text.Trim();
        var end = words.IndexOfAny(' ', '\t');
        if (end < 0)
            throw new FormatException("A key has a type and base64.");
        var type = words[..end].ToString();
        words = words[end..].TrimStart();
        end = words.IndexOfAny(' ', '\t');
        return Parse(type, end < 0 ? words : words[..end]);
    }

    /// <summary>Reads the two words of a key's text.</summary>
    public static SshPublicKey Parse(ReadOnlySpan<char> type, ReadOnlySpan<char> base64)
    {
        var blob = new byte[base64.Length];
        if (base64.ContainsAny(" \t\r\n") || !Convert.TryFromBase64Chars(base64, blob, out var length))
            throw new FormatException("The key is no base64.");
        var key = Parse(blob.AsSpan(0, length));
        return type.SequenceEqual(key.Type) ? key : throw new FormatException($"The key says it is '{Printable.Text(type)}', and is a '{Printable.Text(key.Type)}'.");
    }

    public bool Equals(SshPublicKey? other) => other is not null && Blob.AsSpan().SequenceEqual(other.Blob);

    public override bool Equals(object? obj) => Equals(obj as SshPublicKey);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Blob);
        return hash.ToHashCode();
    }

    public override string ToString() => $"{Type} {Fingerprint}";

    private static SshPublicKey Parse(ReadOnlySpan<byte> blob, bool isCertificateAllowed)
    {
        if (blob.Length > LongestBlob)
            throw new FormatException($"A key of {blob.Length} bytes is too large.");
        var reader = new WireReader(blob);
        var type = reader.Text();
        if (type.Length == 0 || type.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new FormatException("A key's type has other than printing ASCII.");
        if (KeyTypes.IsCertificate(type))
        {
            if (!isCertificateAllowed)
                throw new FormatException("A certificate stands where a key must.");
            var certificate = SshCertificate.Parse(blob);
            return new(type, blob.ToArray(), certificate.Key.Bits, certificate);
        }
        var bits = ReadFields(ref reader, type);
        return new(type, blob.ToArray(), bits, null);
    }

    /// <summary>Reads the fields that follow the type, to the end; the result is the key's size in bits.</summary>
    private static int ReadFields(ref WireReader reader, string type)
    {
        int bits;
        switch (type)
        {
            case KeyTypes.Ed25519 or KeyTypes.SecurityKeyEd25519:
                bits = Length(reader.String(), 32) * 8;
                break;
            case KeyTypes.Rsa:
                if (BitLength(reader.PositiveInteger()) > MostExponentBits)
                    throw new FormatException("An RSA key's exponent is too large.");
                bits = Limited(reader.PositiveInteger(), MostRsaBits);
                break;
            case KeyTypes.Dsa:
                bits = Limited(reader.PositiveInteger(), MostDsaBits);
                for (var i = 0; i < 3; i++)
                    _ = Limited(reader.PositiveInteger(), MostDsaBits);
                break;
            case KeyTypes.Nistp256 or KeyTypes.Nistp384 or KeyTypes.Nistp521 or KeyTypes.SecurityKeyEcdsa:
                bits = ReadCurve(ref reader, type);
                break;
            default:
                // A type of tomorrow: compared by its bytes, never computed with.
                return 0;
        }
        if (type is KeyTypes.SecurityKeyEd25519 or KeyTypes.SecurityKeyEcdsa)
            _ = reader.Text();
        reader.End();
        return bits;
    }

    private static int ReadCurve(ref WireReader reader, string type)
    {
        var curve = reader.Text();
        var bits = curve switch { "nistp256" => 256, "nistp384" => 384, "nistp521" => 521, _ => 0 };
        if (bits == 0 || (type != KeyTypes.SecurityKeyEcdsa ? type != "ecdsa-sha2-" + curve : bits != 256))
            throw new FormatException($"The curve '{Printable.Text(curve)}' is not that of a '{type}'.");
        var point = reader.String();
        // RFC 5656, section 3.1: points are sent uncompressed, and the point at infinity is no key.
        _ = Length(point, 1 + 2 * ((bits + 7) / 8));
        return point[0] == 4 ? bits : throw new FormatException("The point of an ECDSA key is not in the uncompressed form.");
    }

    private static int Length(ReadOnlySpan<byte> value, int expected) =>
        value.Length == expected ? expected : throw new FormatException($"A key has {value.Length} bytes where it must have {expected}.");

    private static int Limited(ReadOnlySpan<byte> integer, int most) => BitLength(integer) is var bits && bits <= most
        ? bits
        : throw new FormatException($"A key of {bits} bits is larger than the {most} that are read.");

    private static int BitLength(ReadOnlySpan<byte> integer) => (integer.Length - 1) * 8 + BitOperations.Log2(integer[0]) + 1;
}
