using System.Net;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

/// <summary>Host keys that come and go, and that DNS vouches for, with OpenSSH's server and ssh-keygen.</summary>
public sealed class HostKeyRotationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rotation-").FullName;

    private string KnownHosts => Path.Combine(_folder, "known_hosts");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Known_host_is_followed_to_its_new_keys_and_those_that_it_drops_are_forgotten()
    {
        int port;
        string[] keys;
        await using (var before = await OpenSshServer.StartAsync(new() { HostKeyTypes = ["ed25519", "ecdsa", "rsa:3072"] }, Token))
        {
            port = before.Port;
            keys = [.. before.HostKeyFiles.Select(Keep)];
            await File.WriteAllTextAsync(KnownHosts, $"# kept\n[127.0.0.1]:{port} {Public(keys[0])}\n", Token);
            await RunAsync(before);
        }
        DemandKnown(port, keys);

        // The first of them is gone, and the host is known by those that it proved while it had all.
        await using (var after = await OpenSshServer.StartAsync(new() { Port = port, HostKeyFiles = [keys[1], keys[2]] }, Token))
            await RunAsync(after);
        DemandKnown(port, keys[1..]);

        // Whoever has the key that was dropped is nobody any more.
        await using var thief = await OpenSshServer.StartAsync(new() { Port = port, HostKeyFiles = [keys[0]] }, Token);
        Assert.Equal(ErrorCodes.SshHostKeyChanged, (await Assert.ThrowsAsync<SSHException>(() => RunAsync(thief))).Code);
    }

    [Fact]
    public async Task Hashed_host_is_followed_and_ssh_keygen_finds_it()
    {
        await using var server = await OpenSshServer.StartAsync(new() { HostKeyTypes = ["ecdsa", "ed25519"] }, Token);
        await File.WriteAllTextAsync(KnownHosts, $"[127.0.0.1]:{server.Port} {Public(server.HostKeyFiles[0])}\n", Token);
        await ToolRun.RunAsync("", "/usr/bin/ssh-keygen", "-q", "-H", "-f", KnownHosts);
        await RunAsync(server);
        var found = await ToolRun.RunAsync("", "/usr/bin/ssh-keygen", "-F", $"[127.0.0.1]:{server.Port}", "-f", KnownHosts);
        Assert.Contains(Public(server.HostKeyFiles[0]), found);
        Assert.Contains(Public(server.HostKeyFiles[1]), found);
        Assert.All(await File.ReadAllLinesAsync(KnownHosts, Token), static line => Assert.StartsWith("|1|", line));
    }

    [Fact]
    public async Task Host_that_was_accepted_as_new_is_known_by_all_its_keys()
    {
        await using var server = await OpenSshServer.StartAsync(new() { HostKeyTypes = ["ed25519", "ecdsa"] }, Token);
        await RunAsync(server, static trust => trust with { AcceptNew = true });
        Assert.Equal(2, (await File.ReadAllLinesAsync(KnownHosts, Token)).Length);
    }

    [Fact]
    public async Task New_keys_are_agreed_on_after_the_announcement_and_nothing_is_lost()
    {
        await using var server = await OpenSshServer.StartAsync(new() { HostKeyTypes = ["ed25519", "ecdsa"], Configuration = ["RekeyLimit 3M"] }, Token);
        await File.WriteAllTextAsync(KnownHosts, $"[127.0.0.1]:{server.Port} {Public(server.HostKeyFiles[0])}\n", Token);
        await using (var ssh = await Connected.ToAsync(server, options => options with { HostKeys = new HostKeyTrust { KnownHostsFiles = [KnownHosts], FollowRotation = true } }))
        {
            var result = await ssh.RunAsync("head -c 8000000 /dev/zero", cancellationToken: Token);
            Assert.Equal(8_000_000, result.Stdout.Length);
            Assert.Equal("well", (await ssh.RunAsync("printf well", cancellationToken: Token)).Stdout);
        }
        Assert.Equal(2, (await File.ReadAllLinesAsync(KnownHosts, Token)).Length);
    }

    [Fact]
    public async Task Records_of_ssh_keygen_make_an_unknown_host_known_where_they_are_validated()
    {
        await using var server = await OpenSshServer.StartAsync(new() { HostKeyTypes = ["ed25519", "ecdsa", "rsa:3072"] }, Token);
        var records = new List<KeyValuePair<int, ReadOnlyMemory<byte>>>();
        // The last key alone is in DNS, so it has to be asked for before the others.
        foreach (var line in (await ToolRun.RunAsync("", "/usr/bin/ssh-keygen", "-r", "server.test", "-f", server.HostKeyFiles[2] + ".pub")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            records.Add(KeyValuePair.Create(44, (ReadOnlyMemory<byte>)(byte[])[byte.Parse(words[3]), byte.Parse(words[4]), .. Convert.FromHexString(words[5])]));
        }
        Assert.NotEmpty(records);
        var isValidated = true;
        await using var dns = ScriptedDnsServer.Start(_ => new() { IsValidated = isValidated, Records = records });
        Task<SSHClient> ConnectAsync() => SSHClient.ConnectAsync("server.test", server.User, options: Connected.Options(server) with
        {
            HostKeys = new HostKeyTrust { KnownHostsFiles = [KnownHosts], ValidatingResolver = dns.EndPoint },
            Transport = new TransportOptions { Resolver = new ResolverOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["server.test"] = [IPAddress.Loopback] } } },
        }, cancellationToken: Token);
        await using (var ssh = await ConnectAsync())
            Assert.StartsWith("rsa-sha2-", ssh.Facts!.HostKeyAlgorithm);
        isValidated = false;
        Assert.Equal(ErrorCodes.SshHostKeyUnknown, (await Assert.ThrowsAsync<SSHException>(ConnectAsync)).Code);
    }

    [Fact]
    public async Task Key_that_is_bound_to_another_host_is_not_offered_and_the_next_is()
    {
        await using var server = await OpenSshServer.StartAsync(cancellationToken: Token);
        string fingerprint;
        await using (var first = await Connected.ToAsync(server))
            fingerprint = first.Facts!.HostKeyFingerprint;
        var elsewhere = $"SHA256:{Convert.ToBase64String(new byte[32]).TrimEnd('=')}";
        var key = SSHCredential.KeyFile(server.KeyFile);
        await using (var bound = await Connected.ToAsync(server, options => options with { Credentials = [SSHCredential.Password("the canary").OnlyFor(elsewhere), key.OnlyFor(fingerprint)] }))
            Assert.True(bound.IsConnected);
        var error = await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(server, options => options with { Credentials = [key.OnlyFor(elsewhere)] }));
        Assert.Equal(ErrorCodes.SshAuthentication, error.Code);
        Assert.DoesNotContain(server.Log, static line => line.Contains("Failed password", StringComparison.Ordinal));
    }

    private async Task RunAsync(OpenSshServer server, Func<HostKeyTrust, HostKeyTrust>? change = null)
    {
        var trust = new HostKeyTrust { KnownHostsFiles = [KnownHosts], FollowRotation = true };
        // The announcement comes before the answer to a command, and is seen to before the connection ends.
        await using var ssh = await Connected.ToAsync(server, options => options with { HostKeys = change is null ? trust : change(trust) });
        Assert.Equal("well", (await ssh.RunAsync("printf well", cancellationToken: Token)).Stdout);
    }

    private void DemandKnown(int port, string[] keys) =>
        Assert.Equal(["# kept", .. keys.Select(key => $"[127.0.0.1]:{port} {Public(key)}")], File.ReadAllLines(KnownHosts));

    private string Keep(string file)
    {
        var kept = Path.Combine(_folder, Path.GetFileName(file));
        File.Copy(file, kept);
        File.Copy(file + ".pub", kept + ".pub");
        return kept;
    }

    private static string Public(string file) => string.Join(' ', File.ReadAllText(file + ".pub").Split(' ').Take(2));
}
