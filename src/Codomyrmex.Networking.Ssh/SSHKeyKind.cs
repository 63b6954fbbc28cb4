namespace Codomyrmex.Networking.Ssh;

/// <summary>What kind of key pair to make.</summary>
public enum SSHKeyKind
{
    /// <summary>Ed25519 (RFC 8709): short, fast and without settings that could be wrong. The default.</summary>
    Ed25519,

    /// <summary>ECDSA over P-256 (RFC 5656), for servers that must use the curves of NIST.</summary>
    EcdsaP256,

    /// <summary>ECDSA over P-384.</summary>
    EcdsaP384,

    /// <summary>ECDSA over P-521.</summary>
    EcdsaP521,

    /// <summary>RSA with 3072 bits, for servers that know nothing newer.</summary>
    Rsa3072,

    /// <summary>RSA with 4096 bits.</summary>
    Rsa4096,
}
