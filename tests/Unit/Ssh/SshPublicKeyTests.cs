using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

public class SshPublicKeyTests
{
    public static TheoryData<SSHKeyKind, string, int> Kinds => new()
    {
        { SSHKeyKind.Ed25519, "ssh-ed25519", 256 },
        { SSHKeyKind.EcdsaP256, "ecdsa-sha2-nistp256", 256 },
        { SSHKeyKind.EcdsaP384, "ecdsa-sha2-nistp384", 384 },
        { SSHKeyKind.EcdsaP521, "ecdsa-sha2-nistp521", 521 },
        { SSHKeyKind.Rsa3072, "ssh-rsa", 3072 },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Key_that_was_made_is_read_again(SSHKeyKind kind, string type, int bits)
    {
        using var pair = SSHKeyPair.Generate(kind, "of a test");
        var key = SshPublicKey.ParseText(pair.PublicKey);
        Assert.Equal((type, bits, pair.Fingerprint), (key.Type, key.Bits, key.Fingerprint));
        Assert.EndsWith(" of a test", pair.PublicKey);
    }

    [Fact]
    public void Fingerprint_is_that_of_ssh_keygen()
    {
        // ssh-keygen -lf of this line.
        var key = SshPublicKey.ParseText("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl github");
        Assert.Equal("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU", key.Fingerprint);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519 !!!!")]
    [InlineData("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKI=")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJlAA==")]
    public void What_is_no_key_is_refused(string text) => Assert.Throws<FormatException>(() => SshPublicKey.ParseText(text));

    [Fact, Trait("Cve", "51")]
    public void Huge_keys_are_refused_before_anything_is_computed_with_them()
    {
        var modulus = new byte[4096];
        Array.Fill(modulus, (byte)0xFF);
        Assert.Throws<FormatException>(() => SshPublicKey.Parse(new WireWriter().Text("ssh-rsa").PositiveInteger([1, 0, 1]).PositiveInteger(modulus).Written));
        Assert.Throws<FormatException>(() => SshPublicKey.Parse(new WireWriter().Text("ssh-rsa").PositiveInteger(modulus.AsSpan(0, 256)).PositiveInteger(modulus.AsSpan(0, 256)).Written));
        Assert.Throws<FormatException>(() => SshPublicKey.Parse(new WireWriter().Text("ssh-dss").PositiveInteger(modulus).Written));
        Assert.Throws<FormatException>(() => SshPublicKey.Parse(new byte[100_000]));
        Assert.Throws<FormatException>(() => SshPublicKey.Parse([0xFF, 0xFF, 0xFF, 0xFF, 1]));
        Assert.Throws<FormatException>(() => SshPublicKey.Parse(new WireWriter().Text("ssh-rsa").String([]).String([0]).Written));
        Assert.Throws<FormatException>(() => SshPublicKey.Parse(new WireWriter().Text("ssh-rsa").String([0x80]).String([0x80]).Written));
    }

    [Fact]
    public void Signature_holds_for_its_key_and_data_alone()
    {
        using var signer = new TestAuthority();
        using var other = new TestAuthority();
        var data = "what is signed"u8.ToArray();
        var signature = signer.Sign(data);
        Assert.True(SignatureCheck.Holds(signer.Key, data, signature, Keys.Ed25519Holds));
        Assert.False(SignatureCheck.Holds(other.Key, data, signature, Keys.Ed25519Holds));
        Assert.False(SignatureCheck.Holds(signer.Key, data.AsSpan(1), signature, Keys.Ed25519Holds));
        Assert.False(SignatureCheck.Holds(signer.Key, data, signature.AsSpan(1), Keys.Ed25519Holds));
        Assert.False(SignatureCheck.Holds(Keys.New(), data, signature, Keys.Ed25519Holds));
        Assert.False(SignatureCheck.Holds(Keys.New(), data, new WireWriter().Text("ssh-ed25519").String(new byte[64]).Written, Keys.Ed25519Holds));
        Assert.False(SignatureCheck.Holds(Keys.New(), data, new WireWriter().Text("ssh-ed25519").String(new byte[63]).Written, Keys.Ed25519Holds));
    }

    [Fact, Trait("Cve", "53")]
    public void Signature_by_SHA_1_never_holds()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        var parts = rsa.ExportParameters(false);
        var key = SshPublicKey.Parse(new WireWriter().Text("ssh-rsa").PositiveInteger(parts.Exponent).PositiveInteger(parts.Modulus).Written);
        byte[] Signed(string name, System.Security.Cryptography.HashAlgorithmName hash) =>
            new WireWriter().Text(name).String(rsa.SignData("data"u8, hash, System.Security.Cryptography.RSASignaturePadding.Pkcs1)).ToArray();
        Assert.True(SignatureCheck.Holds(key, "data"u8, Signed("rsa-sha2-256", System.Security.Cryptography.HashAlgorithmName.SHA256), Keys.Ed25519Holds));
        Assert.True(SignatureCheck.Holds(key, "data"u8, Signed("rsa-sha2-512", System.Security.Cryptography.HashAlgorithmName.SHA512), Keys.Ed25519Holds));
        Assert.False(SignatureCheck.Holds(key, "data"u8, Signed("ssh-rsa", System.Security.Cryptography.HashAlgorithmName.SHA1), Keys.Ed25519Holds));
        Assert.False(SignatureCheck.Holds(key, "data"u8, Signed("rsa-sha2-256", System.Security.Cryptography.HashAlgorithmName.SHA1), Keys.Ed25519Holds));
        Assert.DoesNotContain("ssh-rsa", KeyTypes.SignatureAlgorithms("ssh-rsa"));
    }
}
