namespace Codomyrmex.Networking.Testing;

/// <summary>The kind of key a test certificate has.</summary>
public enum TestKeyKind
{
    /// <summary>ECDSA on the curve P-256: quick to make, accepted everywhere.</summary>
    EcdsaP256,

    /// <summary>ECDSA on the curve P-384.</summary>
    EcdsaP384,

    /// <summary>RSA, 2,048 bits.</summary>
    Rsa2048,

    /// <summary>RSA, 1,024 bits: weak on purpose. OpenSSL refuses to serve it below its security level 0; see <see cref="TestCertificateOptions.Hash"/>.</summary>
    Rsa1024,
}
