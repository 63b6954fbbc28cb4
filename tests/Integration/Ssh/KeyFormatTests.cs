using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal.Engine;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class KeyFormatTests : IDisposable
{
    private const string Passphrase = "correct horse";

    private readonly ServerFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ed25519", "RFC4716", "")]
    [InlineData("ed25519", "RFC4716", Passphrase)]
    [InlineData("ecdsa", "RFC4716", Passphrase)]
    [InlineData("rsa", "RFC4716", Passphrase)]
    [InlineData("ecdsa", "PEM", "")]
    [InlineData("rsa", "PEM", "")]
    [InlineData("rsa", "PEM", Passphrase)]
    [InlineData("ecdsa", "PKCS8", "")]
    [InlineData("rsa", "PKCS8", "")]
    [InlineData("rsa", "PKCS8", Passphrase)]
    [InlineData("ecdsa", "PKCS8", Passphrase)]
    public async Task Keys_of_ssh_keygen_are_read_and_sign(string type, string format, string passphrase)
    {
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", type, "-m", format, "-N", passphrase, "-f", _folder["key"]);
        await SignsAsync("key", passphrase);
        if (passphrase.Length == 0)
            return;
        Assert.Contains("no passphrase", Fails("key", null));
        Assert.Contains("does not open", Fails("key", "wrong"));
        Assert.DoesNotContain("wrong", Fails("key", "wrong").Replace("is wrong", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ed25519", 3, "")]
    [InlineData("ed25519", 3, Passphrase)]
    [InlineData("rsa", 3, Passphrase)]
    [InlineData("ecdsa", 2, "")]
    [InlineData("rsa", 2, Passphrase)]
    public async Task Keys_of_PuTTY_are_read_and_sign(string type, int version, string passphrase)
    {
        var secret = _folder.Write("passphrase", passphrase);
        await SshTool.RunAsync("puttygen", "-q", "-t", type, "--ppk-param", $"version={version}", "--new-passphrase", secret, "-o", _folder["key"]);
        File.SetUnixFileMode(_folder["key"], UnixFileMode.UserRead);
        await File.WriteAllTextAsync(_folder["key.pub"], await SshTool.RunAsync("puttygen", "-L", _folder["key"]), Token);
        await SignsAsync("key", passphrase);
    }

    [Theory]
    [InlineData(SSHKeyKind.Ed25519)]
    [InlineData(SSHKeyKind.EcdsaP256)]
    [InlineData(SSHKeyKind.EcdsaP384)]
    [InlineData(SSHKeyKind.EcdsaP521)]
    [InlineData(SSHKeyKind.Rsa3072)]
    [InlineData(SSHKeyKind.Rsa4096)]
    public async Task Pair_that_was_made_is_read_by_ssh_keygen(SSHKeyKind kind)
    {
        using var pair = SSHKeyPair.Generate(kind, "of a test");
        await pair.SaveAsync(_folder["key"], Token);
        Assert.Equal(pair.PublicKey, (await SshTool.RunAsync("ssh-keygen", "-y", "-P", "", "-f", _folder["key"])).Trim());
        Assert.Contains(pair.Fingerprint, await SshTool.RunAsync("ssh-keygen", "-l", "-f", _folder["key"]));
    }

    [Fact]
    public async Task Certificate_beside_a_key_is_shown_first()
    {
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _folder["ca"]);
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", _folder["key"]);
        await SshTool.RunAsync("ssh-keygen", "-q", "-s", _folder["ca"], "-I", "user", "-n", "ada", _folder["key.pub"]);
        using var file = KeyFile.Load(_folder["key"], null, null, 2048, isSha1Allowed: false);
        Assert.Equal(["rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com", "rsa-sha2-512", "rsa-sha2-256"], file.HostKeyAlgorithms.Select(algorithm => algorithm.Name));
    }

    [Fact]
    public async Task Small_RSA_key_is_refused()
    {
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", _folder["key"]);
        Assert.Contains("1024 bits", Fails("key", null));
    }

    private async Task SignsAsync(string name, string passphrase)
    {
        var key = SshPublicKey.ParseText(await File.ReadAllTextAsync(_folder[name + ".pub"], Token));
        using var file = KeyFile.Load(_folder[name], passphrase.Length > 0 ? passphrase : null, null, 2048, isSha1Allowed: false);
        Assert.Equal(KeyTypes.SignatureAlgorithms(key.Type).Order(), file.HostKeyAlgorithms.Select(algorithm => algorithm.Name).Order());
        foreach (var algorithm in file.HostKeyAlgorithms)
        {
            Assert.Equal(key.Blob, algorithm.Data);
            Assert.True(SignatureCheck.Holds(key, "data"u8, algorithm.Sign("data"u8.ToArray()), Ed25519.Verifier), algorithm.Name);
        }
    }

    private string Fails(string name, string? passphrase)
    {
        var error = Assert.Throws<SSHException>(() => KeyFile.Load(_folder[name], passphrase, null, 2048, isSha1Allowed: false));
        Assert.Equal(ErrorCodes.SshKeyFile, error.Code);
        return error.Message;
    }
}
