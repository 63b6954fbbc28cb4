using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal.Engine;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

/// <summary>Keys and certificates for tests of SSH.</summary>
internal static class Keys
{
    /// <summary>A new key of a kind.</summary>
    public static SshPublicKey New(SSHKeyKind kind = SSHKeyKind.Ed25519)
    {
        using var pair = SSHKeyPair.Generate(kind);
        return SshPublicKey.ParseText(pair.PublicKey);
    }

    /// <summary>An RSA key of any size.</summary>
    public static SshPublicKey NewRsa(int bits)
    {
        using var rsa = RSA.Create(bits);
        var parts = rsa.ExportParameters(false);
        return SshPublicKey.Parse(new WireWriter().Text("ssh-rsa").PositiveInteger(parts.Exponent).PositiveInteger(parts.Modulus).Written);
    }

    /// <summary>The blob of a certificate for a key, signed by an authority over P-256.</summary>
    public static SshPublicKey Certify(SshPublicKey key, TestAuthority authority, TestCertificate? facts = null)
    {
        facts ??= new TestCertificate();
        var type = key.Type + "-cert-v01@openssh.com";
        var fields = key.Blob.AsSpan(4 + key.Type.Length);
        var principals = new WireWriter();
        foreach (var name in facts.Principals)
            principals.Text(name);
        var critical = new WireWriter();
        foreach (var name in facts.CriticalOptions)
            critical.Text(name).String([]);
        var signed = new WireWriter().Text(type).String(RandomNumberGenerator.GetBytes(32)).Raw(fields)
            .Raw([0, 0, 0, 0, 0, 0, 0, 7]).UInt32(facts.Kind).Text("id of a test").String(principals.Written)
            .Raw(BigEndian(facts.ValidAfter)).Raw(BigEndian(facts.ValidBefore)).String(critical.Written).String([]).String([])
            .String(authority.Key.Blob);
        return SshPublicKey.Parse(new WireWriter().Raw(signed.Written).String(authority.Sign(signed.Written)).Written);
    }

    public static bool Ed25519Holds(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => Ed25519.Verifier(key, data, signature);

    private static byte[] BigEndian(ulong value) => [.. BitConverter.GetBytes(value).Reverse()];
}
