using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>Ed25519 (RFC 8032) as the engine's cryptography library has it; the platform has none.</summary>
internal static class Ed25519
{
    public static Ed25519Verifier Verifier { get; } = Verify;

    /// <summary>The public key that belongs to 32 random bytes.</summary>
    public static byte[] PublicKeyOf(byte[] seed)
    {
        var publicKey = new byte[32];
        Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.GeneratePublicKey(seed, 0, publicKey, 0);
        return publicKey;
    }

    private static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.Verify(signature.ToArray(), 0, publicKey.ToArray(), 0, data.ToArray(), 0, data.Length);
}
