using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh.Internal.Engine;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Makes key pairs.</summary>
internal static class KeyMaker
{
    public static SSHKeyPair Make(SSHKeyKind kind, string comment) => kind switch
    {
        SSHKeyKind.Ed25519 => MakeEd25519(comment),
        SSHKeyKind.EcdsaP256 => MakeEcdsa(ECCurve.NamedCurves.nistP256, KeyTypes.Nistp256, comment),
        SSHKeyKind.EcdsaP384 => MakeEcdsa(ECCurve.NamedCurves.nistP384, KeyTypes.Nistp384, comment),
        SSHKeyKind.EcdsaP521 => MakeEcdsa(ECCurve.NamedCurves.nistP521, KeyTypes.Nistp521, comment),
        SSHKeyKind.Rsa3072 => MakeRsa(3072, comment),
        SSHKeyKind.Rsa4096 => MakeRsa(4096, comment),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of key."),
    };

    private static SSHKeyPair MakeEd25519(string comment)
    {
        var seed = RandomNumberGenerator.GetBytes(32);
        var publicKey = Ed25519.PublicKeyOf(seed);
        var blob = new WireWriter().Text(KeyTypes.Ed25519).String(publicKey);
        var fields = new WireWriter().String(publicKey).String([.. seed, .. publicKey]);
        CryptographicOperations.ZeroMemory(seed);
        return Pair(KeyTypes.Ed25519, blob, fields, comment);
    }

    private static SSHKeyPair MakeEcdsa(ECCurve curve, string type, string comment)
    {
        using var key = ECDsa.Create(curve);
        var parts = key.ExportParameters(includePrivateParameters: true);
        var name = type["ecdsa-sha2-".Length..];
        byte[] point = [4, .. parts.Q.X!, .. parts.Q.Y!];
        var blob = new WireWriter().Text(type).Text(name).String(point);
        var fields = new WireWriter().Text(name).String(point).PositiveInteger(parts.D);
        CryptographicOperations.ZeroMemory(parts.D);
        return Pair(type, blob, fields, comment);
    }

    private static SSHKeyPair MakeRsa(int bits, string comment)
    {
        using var key = RSA.Create(bits);
        var parts = key.ExportParameters(includePrivateParameters: true);
        var blob = new WireWriter().Text(KeyTypes.Rsa).PositiveInteger(parts.Exponent).PositiveInteger(parts.Modulus);
        var fields = new WireWriter().PositiveInteger(parts.Modulus).PositiveInteger(parts.Exponent).PositiveInteger(parts.D)
            .PositiveInteger(parts.InverseQ).PositiveInteger(parts.P).PositiveInteger(parts.Q);
        foreach (var secret in (byte[]?[])[parts.D, parts.DP, parts.DQ, parts.InverseQ, parts.P, parts.Q])
            CryptographicOperations.ZeroMemory(secret);
        return Pair(KeyTypes.Rsa, blob, fields, comment);
    }

    private static SSHKeyPair Pair(string type, WireWriter blob, WireWriter fields, string comment)
    {
        var pair = new SSHKeyPair(SshPublicKey.Parse(blob.Written), comment, PrivateKeyText.Write(blob.Written, type, fields.Written, comment));
        fields.Clear();
        return pair;
    }
}
