using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Signs with SHA-1, which the generators of .NET refuse, so that clients can be shown to refuse the certificate.</summary>
internal sealed class WeakSignatureGenerator(AsymmetricAlgorithm key) : X509SignatureGenerator
{
    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            // RFC 3279, section 2.2: sha1WithRSAEncryption carries a NULL, ecdsa-with-SHA1 no parameters.
            writer.WriteObjectIdentifier(key is RSA ? "1.2.840.113549.1.1.5" : "1.2.840.10045.4.1");
            if (key is RSA)
                writer.WriteNull();
        }
        return writer.Encode();
    }

#pragma warning disable CA5350 // Weak on purpose: this is what a client has to refuse.
    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key switch
    {
        RSA rsa => rsa.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1),
        ECDsa ecdsa => ecdsa.SignData(data, HashAlgorithmName.SHA1, DSASignatureFormat.Rfc3279DerSequence),
        _ => throw new NotSupportedException("Only RSA and ECDSA keys sign."),
    };
#pragma warning restore CA5350

    protected override PublicKey BuildPublicKey() => key switch
    {
        RSA rsa => new PublicKey(rsa),
        ECDsa ecdsa => new PublicKey(ecdsa),
        _ => throw new NotSupportedException("Only RSA and ECDSA keys sign."),
    };
}
