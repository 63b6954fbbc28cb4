namespace Codomyrmex.Networking.Ssh;

/// <summary>Which key exchanges, host keys, ciphers and integrity checks are offered to a server.</summary>
public enum SSHAlgorithms
{
    /// <summary>
    /// What has no known weakness: post-quantum and elliptic-curve key exchange, AES-GCM and ChaCha20-Poly1305, AES-CTR with encrypt-then-MAC. The default.
    /// </summary>
    Modern,

    /// <summary>Also what servers of ten years ago speak, and is not broken: finite-field key exchange of 2048 bits and more with SHA-2, AES-CTR with SHA-2.</summary>
    Compatible,

    /// <summary>Also what is broken or close to it: SHA-1, CBC, 3DES, group 1, <c>ssh-rsa</c> and DSA. Only for a machine that speaks nothing else, in a network that is trusted.</summary>
    Legacy,
}
