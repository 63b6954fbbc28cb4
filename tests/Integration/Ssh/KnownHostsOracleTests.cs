using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Internal.Engine;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

public sealed class KnownHostsOracleTests : IDisposable
{
    private static readonly (string Host, int Port)[] Hosts =
    [
        ("web.example", 22), ("WEB.example", 22), ("web.example", 2222), ("web.example", 2223), ("db.example", 22), ("192.0.2.1", 22), ("192.0.2.99", 22),
        ("2001:db8::1", 22), ("2001:db8::1", 2222), ("bad.test", 22), ("good.test", 22), ("xweb.example", 22), ("web.exampl", 22),
    ];

    private readonly ServerFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hosts_are_found_where_ssh_keygen_finds_them(bool isHashed)
    {
        var key = await NewKeyAsync("key");
        var file = _folder.Write("known_hosts", $"""
            # comment
            web.example,192.0.2.1 {key.Text} comment
            [web.example]:2222 {key.Text}
            2001:db8::1 {key.Text}
            [2001:db8::1]:2222 {key.Text}
            {(isHashed ? "" : $"*.test,!bad.test {key.Text}")}

            """);
        if (isHashed)
            await SshTool.RunAsync("ssh-keygen", "-q", "-H", "-f", file);
        var lines = KnownHostsFile.ReadAll([file]);
        foreach (var (host, port) in Hosts)
        {
            // Hashed names are in lower case, and ssh-keygen hashes what it is given.
            var name = port == 22 ? host.ToLowerInvariant() : $"[{host}]:{port}";
            var found = (await SshTool.TryAsync("ssh-keygen", [], "-F", name, "-f", file)).ExitCode == 0;
            // ssh-keygen -F looks for the very name; a name with another port is found without one only by a client.
            Assert.Equal(found, lines.Any(line => line.Names(HostNames.Of(host, port))));
        }
    }

    [Fact]
    public async Task Line_that_was_remembered_is_found_by_ssh_keygen()
    {
        var key = await NewKeyAsync("key");
        var file = _folder["remembered"];
        foreach (var (host, isHashed, port) in ((string, bool, int)[])[("plain.example", false, 22), ("new.example", true, 2222)])
            HostKeyJudge.Open(new HostKeyTrust { KnownHostsFiles = [file], AcceptNew = true, HashNewHosts = isHashed }, new Endpoint(host, port), TimeProvider.System, Ed25519.Verifier).Demand(key.Blob);
        Assert.Contains(key.Text, await SshTool.RunAsync("ssh-keygen", "-F", "plain.example", "-f", file));
        Assert.Contains(key.Text, await SshTool.RunAsync("ssh-keygen", "-F", "[new.example]:2222", "-f", file));
        Assert.Equal(1, (await SshTool.TryAsync("ssh-keygen", [], "-F", "[new.example]:2223", "-f", file)).ExitCode);
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("ecdsa")]
    [InlineData("rsa")]
    public async Task Certificate_of_ssh_keygen_is_believed_within_its_bounds(string signer)
    {
        var authority = await NewKeyAsync("authority", "-t", signer);
        await NewKeyAsync("host");
        var file = _folder.Write("known_hosts", $"@cert-authority *.example {authority.Text}\n");

        var certificate = await CertifyAsync("-h", "-n", "web.example", "-V", "-1m:+1h");
        Judge(file).Demand(certificate.Blob);
        Assert.Contains("it is for db.example", Refused(file, await CertifyAsync("-h", "-n", "db.example")));
        Assert.Contains("has expired", Refused(file, await CertifyAsync("-h", "-n", "web.example", "-V", "-2h:-1h")));
        Assert.Contains("not valid before", Refused(file, await CertifyAsync("-h", "-n", "web.example", "-V", "+1h:+2h")));
        Assert.Contains("not for hosts", Refused(file, await CertifyAsync("-n", "web.example")));
        var changed = certificate.Blob.ToArray();
        changed[^1] ^= 1;
        Assert.Contains("signature is wrong", Refused(file, SshPublicKey.Parse(changed)));
    }

    [Theory]
    [InlineData("ed25519", 256)]
    [InlineData("ecdsa", 384)]
    [InlineData("ecdsa", 521)]
    [InlineData("rsa", 2048)]
    [InlineData("dsa", 1024)]
    public async Task Size_and_fingerprint_are_those_of_ssh_keygen(string type, int bits)
    {
        var key = await NewKeyAsync("key", "-t", type, "-b", $"{bits}");
        Assert.StartsWith($"{bits} {key.Fingerprint} ", await SshTool.RunAsync("ssh-keygen", "-l", "-f", _folder["key.pub"]));
        Assert.Equal(bits, key.Bits);
    }

    private async Task<SshPublicKey> NewKeyAsync(string name, params string[] options)
    {
        await SshTool.RunAsync("ssh-keygen", ["-q", .. options.Length > 0 ? options : ["-t", "ed25519"], "-N", "", "-f", _folder[name]]);
        return SshPublicKey.ParseText(await File.ReadAllTextAsync(_folder[name + ".pub"], Token));
    }

    private async Task<SshPublicKey> CertifyAsync(params string[] options)
    {
        await SshTool.RunAsync("ssh-keygen", ["-q", "-s", _folder["authority"], "-I", "host of a test", .. options, _folder["host.pub"]]);
        return SshPublicKey.ParseText(await File.ReadAllTextAsync(_folder["host-cert.pub"], Token));
    }

    private static HostKeyJudge Judge(string file) =>
        HostKeyJudge.Open(new HostKeyTrust { KnownHostsFiles = [file] }, new Endpoint("web.example", 2222), TimeProvider.System, Ed25519.Verifier);

    private static string Refused(string file, SshPublicKey certificate) => Assert.Throws<SSHException>(() => Judge(file).Demand(certificate.Blob)).Message;
}
