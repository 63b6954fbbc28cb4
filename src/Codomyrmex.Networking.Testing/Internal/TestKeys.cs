using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Keys, requests and signatures for <see cref="TestCertificateAuthority"/>.</summary>
internal static class TestKeys
{
#pragma warning disable CA5385 // 1,024 bits are weak on purpose.
    public static AsymmetricAlgorithm Create(TestKeyKind kind) => kind switch
    {
        TestKeyKind.EcdsaP256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        TestKeyKind.EcdsaP384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        TestKeyKind.Rsa2048 => RSA.Create(2048),
        TestKeyKind.Rsa1024 => RSA.Create(1024),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
#pragma warning restore CA5385

    public static CertificateRequest Request(string commonName, AsymmetricAlgorithm key, HashAlgorithmName hash)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(commonName);
        var request = key switch
        {
            RSA rsa => new CertificateRequest(name.Build(), rsa, hash, RSASignaturePadding.Pkcs1),
            ECDsa ecdsa => new CertificateRequest(name.Build(), ecdsa, hash),
            _ => throw new NotSupportedException("Only RSA and ECDSA keys sign."),
        };
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    public static CertificateRequest Request(TestCertificateOptions options, AsymmetricAlgorithm key)
    {
        var request = Request(options.CommonName ?? options.DnsNames.FirstOrDefault() ?? "test", key, options.Hash);
        var extensions = request.CertificateExtensions;
        extensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        extensions.Add(new X509KeyUsageExtension(
            key is RSA ? X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment : X509KeyUsageFlags.DigitalSignature, true));
        var usages = new OidCollection();
        if (options.ServerAuthentication)
            usages.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        if (options.ClientAuthentication)
            usages.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        if (usages.Count > 0)
            extensions.Add(new X509EnhancedKeyUsageExtension(usages, false));
        if (options.DnsNames.Count + options.Addresses.Count > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var name in options.DnsNames)
                names.AddDnsName(name);
            foreach (var address in options.Addresses)
                names.AddIpAddress(address);
            extensions.Add(names.Build());
        }
        return request;
    }

    public static X509SignatureGenerator Generator(AsymmetricAlgorithm key, HashAlgorithmName hash) => key switch
    {
        _ when hash == HashAlgorithmName.SHA1 => new WeakSignatureGenerator(key),
        RSA rsa => X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1),
        ECDsa ecdsa => X509SignatureGenerator.CreateForECDsa(ecdsa),
        _ => throw new NotSupportedException("Only RSA and ECDSA keys sign."),
    };

    /// <summary>Certificate and key in one, passed through PKCS#12 because SslStream wants a key that the platform itself holds.</summary>
    public static X509Certificate2 Join(X509Certificate2 bare, AsymmetricAlgorithm key)
    {
        using var joined = key switch
        {
            RSA rsa => bare.CopyWithPrivateKey(rsa),
            ECDsa ecdsa => bare.CopyWithPrivateKey(ecdsa),
            _ => throw new NotSupportedException("Only RSA and ECDSA keys sign."),
        };
        return X509CertificateLoader.LoadPkcs12(joined.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    public static void WritePem(X509Certificate2 certificate, string path)
    {
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey()
            ?? throw new ArgumentException("The certificate has no private key.", nameof(certificate));
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(key.ExportPkcs8PrivateKeyPem());
        writer.Write('\n');
    }
}
