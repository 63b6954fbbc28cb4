using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal.Engine;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class KeyPairTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string KeyPath => Path.Combine(_folder.Path, "key");

    public void Dispose() => _folder.Dispose();

    [Theory, Trait("Cve", "46")]
    [InlineData(SSHKeyKind.Ed25519, "ssh-ed25519")]
    [InlineData(SSHKeyKind.EcdsaP256, "ecdsa-sha2-nistp256")]
    [InlineData(SSHKeyKind.EcdsaP384, "ecdsa-sha2-nistp384")]
    [InlineData(SSHKeyKind.EcdsaP521, "ecdsa-sha2-nistp521")]
    [InlineData(SSHKeyKind.Rsa3072, "rsa-sha2-512 rsa-sha2-256")]
    public async Task Pair_is_saved_for_its_owner_alone_and_read_again(SSHKeyKind kind, string algorithms)
    {
        using var pair = SSHKeyPair.Generate(kind, "of a test");
        await pair.SaveAsync(KeyPath, Token);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        Assert.Equal(pair.PublicKey + "\n", File.ReadAllText(KeyPath + ".pub"));
        using var file = KeyFile.Load(KeyPath, null, null, 2048, isSha1Allowed: false);
        Assert.Equal(algorithms, string.Join(' ', file.HostKeyAlgorithms.Select(algorithm => algorithm.Name)));
    }

    [Fact]
    public async Task Key_is_never_written_over()
    {
        using var pair = SSHKeyPair.Generate();
        await pair.SaveAsync(KeyPath, Token);
        var first = File.ReadAllText(KeyPath);
        using var second = SSHKeyPair.Generate();
        var error = await Assert.ThrowsAsync<NetworkException>(() => second.SaveAsync(KeyPath, Token));
        Assert.Equal(ErrorCodes.LocalExists, error.Code);
        Assert.Equal(first, File.ReadAllText(KeyPath));
        Assert.Equal(ErrorCodes.LocalIo, (await Assert.ThrowsAsync<NetworkException>(() => second.SaveAsync(Path.Combine(_folder.Path, "no", "folder"), Token))).Code);
    }

    [Fact, Trait("Cve", "45")]
    public void Two_pairs_are_never_the_same()
    {
        var prints = Enumerable.Range(0, 20).Select(_ => Keys.New().Fingerprint).ToHashSet();
        Assert.Equal(20, prints.Count);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public async Task Key_that_others_may_read_is_not_used(UnixFileMode others)
    {
        using var pair = SSHKeyPair.Generate();
        await pair.SaveAsync(KeyPath, Token);
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | others);
        var link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, KeyPath);
        foreach (var path in (string[])[KeyPath, link])
        {
            var error = Assert.Throws<SSHException>(() => KeyFile.Load(path, null, null, 2048, isSha1Allowed: false));
            Assert.Equal(ErrorCodes.SshKeyFile, error.Code);
            Assert.Equal($"chmod 600 '{KeyPath}'", error.Hint);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n")]
    public void What_is_no_key_is_an_error_of_ours(string text)
    {
        File.WriteAllText(KeyPath, text);
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead);
        Assert.Equal(ErrorCodes.SshKeyFile, Assert.Throws<SSHException>(() => KeyFile.Load(KeyPath, null, null, 2048, isSha1Allowed: false)).Code);
        Assert.Equal(ErrorCodes.SshKeyFile, Assert.Throws<SSHException>(() => KeyFile.Load(KeyPath + "-absent", null, null, 2048, isSha1Allowed: false)).Code);
    }

    [Fact]
    public async Task Key_that_cannot_be_used_is_named_with_what_to_do()
    {
        using var pair = SSHKeyPair.Generate();
        await pair.SaveAsync(KeyPath, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(KeyPath + ".pub", pair.PublicKey, TestContext.Current.CancellationToken);
        var half = Assert.Throws<SSHException>(() => KeyFile.Load(KeyPath + ".pub", null, null, 2048, isSha1Allowed: false));
        Assert.Contains("public half", half.Message);
        Assert.Contains($"'{KeyPath}'", half.Hint);
        var absent = Assert.Throws<SSHException>(() => KeyFile.Load(KeyPath + "-absent", null, null, 2048, isSha1Allowed: false));
        Assert.Contains("there is no such file", absent.Message);
        Assert.Contains("ssh-keygen", absent.Hint);
    }

    [Fact]
    public async Task Private_half_does_not_print()
    {
        using var pair = SSHKeyPair.Generate();
        await pair.SaveAsync(KeyPath, Token);
        var secret = File.ReadAllLines(KeyPath)[2];
        Assert.DoesNotContain(secret, pair.ToString());
        Assert.Throws<ArgumentException>(() => SSHKeyPair.Generate(SSHKeyKind.Ed25519, "two\nlines"));
    }
}
