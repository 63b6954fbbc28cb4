using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

/// <summary>The same calls against servers of five makers.</summary>
public class ServerMatrixTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("openssh")]
    [InlineData("openssh-compatible")]
    [InlineData("openssh-legacy")]
    [InlineData("dropbear")]
    [InlineData("asyncssh")]
    public async Task Commands_run_on_every_server(string name)
    {
        await using var server = await SshPeerServer.StartAsync(name);
        await using var client = await ConnectAsync(server, name);
        var result = await client.RunAsync("echo out; echo err >&2; exit 7", cancellationToken: Token);
        Assert.Equal(("out\n", "err\n", 7), (result.Stdout, result.Stderr, result.ExitCode));

        var sent = RandomNumberGenerator.GetBytes(1_000_000);
        var echoed = await client.RunAsync("cat", new() { StandardInput = new MemoryStream(sent) }, Token);
        Assert.Equal(sent, echoed.StdoutBytes.ToArray());
        if (name == "dropbear")
            return;
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.RunAsync($"echo {i}", cancellationToken: Token)));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i}\n"), all.Select(one => one.Stdout));
    }

    /// <summary>
    /// Dropbear 2022.83 closes a session that has begun, and has no program yet, when the program of another one ends ("Fix failure on concurrent channel open/close" in its changes for 2024.86). Whoever
    /// has that bug is told so, and one session at a time goes well.
    /// </summary>
    [Fact]
    public async Task Session_that_dropbear_closes_unanswered_is_told_and_one_at_a_time_goes_well()
    {
        await using var server = await SshPeerServer.StartAsync("dropbear");
        await using var many = await ConnectAsync(server, "dropbear");
        for (var round = 0; round < 20 && many.IsConnected; round++)
        {
            var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Run(many, i)));
            Assert.All(all.OfType<SSHException>(), static error =>
            {
                Assert.Equal(WasSent.Maybe, error.WasSent);
                // Or it runs into an assertion of its own, and the connection is gone.
                if (error.Code == ErrorCodes.SshDisconnected)
                    return;
                Assert.Equal(ErrorCodes.SshChannel, error.Code);
                Assert.Contains("before it answered 'exec'", error.Message);
                Assert.Contains("one session at a time avoids that (SSHClientOptions.MaxSessions)", error.Hint);
            });
        }
        await using var one = await SSHClient.ConnectAsync("127.0.0.1", SshPeerServer.User, null, server.Options with { MaxSessions = 1 }, Token);
        for (var round = 0; round < 10; round++)
            Assert.DoesNotContain(await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Run(one, i))), static error => error is not null);

        static async Task<Exception?> Run(SSHClient client, int number)
        {
            try
            {
                Assert.Equal($"{number}\n", (await client.RunAsync($"echo {number}", cancellationToken: Token)).Stdout);
                return null;
            }
            catch (SSHException error)
            {
                return error;
            }
        }
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("openssh-legacy")]
    [InlineData("dropbear")]
    [InlineData("asyncssh")]
    [InlineData("proftpd")]
    public async Task Files_go_to_every_server_and_come_back(string name)
    {
        await using var server = await SshPeerServer.StartAsync(name);
        await using var client = await ConnectAsync(server, name);
        await using var files = await client.OpenSftpAsync(Token);
        using var folder = new ServerFolder();
        var home = await files.GetRealPathAsync(".", Token);
        string Remote(string path) => $"{home.TrimEnd('/')}/{path}";
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        await File.WriteAllBytesAsync(folder["local"], content, Token);
        var sent = await files.UploadAsync(folder["local"], Remote("sent"), new() { Verify = true }, Token);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), sent.Sha256);
        await files.DownloadAsync(Remote("sent"), folder["back"], new() { Verify = true }, Token);
        Assert.Equal(content, await File.ReadAllBytesAsync(folder["back"], Token));

        await files.CreateDirectoryAsync(Remote("dir/deep"), parents: true, cancellationToken: Token);
        await files.RenameAsync(Remote("sent"), Remote("dir/deep/moved"), cancellationToken: Token);
        var names = new List<string>();
        await foreach (var entry in files.ListAsync(Remote("dir/deep"), Token))
            names.Add(entry.Name);
        Assert.Equal(["moved"], names);
        Assert.Equal(content.Length, (await files.GetAttributesAsync(Remote("dir/deep/moved"), cancellationToken: Token)).Size);
        var absent = await Assert.ThrowsAsync<SftpException>(() => files.GetAttributesAsync(Remote("absent"), cancellationToken: Token));
        Assert.Equal(ErrorCodes.SftpNoSuchFile, absent.Code);
        await files.DeleteDirectoryAsync(Remote("dir"), recursive: true, Token);
        Assert.Null(await files.FindAsync(Remote("dir"), cancellationToken: Token));

        // Small files, each with all its requests under way at once.
        Directory.CreateDirectory(folder["tree"]);
        for (var i = 0; i < 100; i++)
            await File.WriteAllBytesAsync(Path.Combine(folder["tree"], $"{i}"), content[..(i * 41)], Token);
        Assert.Equal(100, (await files.UploadDirectoryAsync(folder["tree"], Remote("tree"), cancellationToken: Token)).Files);
        await files.DownloadDirectoryAsync(Remote("tree"), folder["tree-back"], cancellationToken: Token);
        for (var i = 0; i < 100; i++)
            Assert.Equal(content[..(i * 41)], await File.ReadAllBytesAsync(Path.Combine(folder["tree-back"], $"{i}"), Token));
        await files.DeleteDirectoryAsync(Remote("tree"), recursive: true, Token);
    }

    [Fact]
    public async Task Server_with_one_channel_a_connection_does_one_thing_a_connection()
    {
        await using var server = await SshPeerServer.StartAsync("tinysshd");
        await using var client = await ConnectAsync(server, "tinysshd");
        var result = await client.RunAsync("cat; echo err >&2; exit 7", new() { StandardInput = new MemoryStream("in"u8.ToArray()) }, Token);
        Assert.Equal(("in", "err\n", 7), (result.Stdout, result.Stderr, result.ExitCode));
        var second = await Assert.ThrowsAsync<SSHException>(() => client.RunAsync("true", cancellationToken: Token));
        // It refuses the channel, or hangs up when the first one is closed: whichever comes first.
        Assert.True(second.Code is ErrorCodes.SshChannel or ErrorCodes.SshDisconnected, second.Code);

        using var folder = new ServerFolder();
        var content = RandomNumberGenerator.GetBytes(1_000_000);
        await File.WriteAllBytesAsync(folder["local"], content, Token);
        await using var other = await ConnectAsync(server, "tinysshd");
        await other.UploadAsync(folder["local"], "/home/ada/sent", cancellationToken: Token);
        await other.DownloadAsync("/home/ada/sent", folder["back"], cancellationToken: Token);
        Assert.Equal(content, await File.ReadAllBytesAsync(folder["back"], Token));
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("dropbear")]
    [InlineData("asyncssh")]
    public async Task Password_is_taken_where_it_is_right(string name)
    {
        await using var server = await SshPeerServer.StartAsync(name);
        await using var client = await ConnectAsync(server, name, SSHCredential.Password(SshPeerServer.Password));
        Assert.Equal("in\n", (await client.RunAsync("echo in", cancellationToken: Token)).Stdout);
        var error = await Assert.ThrowsAsync<SSHException>(() => ConnectAsync(server, name, SSHCredential.Password("the wrong canary")));
        Assert.Equal(ErrorCodes.SshAuthentication, error.Code);
        Assert.DoesNotContain("canary", error.ToString());
    }

    [Fact]
    public async Task Questions_are_answered()
    {
        await using var server = await SshPeerServer.StartAsync("asyncssh");
        IReadOnlyList<SSHQuestion>? asked = null;
        await using var client = await ConnectAsync(server, "asyncssh", SSHCredential.Interactive((challenge, _) =>
        {
            asked = challenge.Questions;
            return ValueTask.FromResult<IReadOnlyList<string>>([SshPeerServer.Password, "42"]);
        }));
        Assert.Equal("in\n", (await client.RunAsync("echo in", cancellationToken: Token)).Stdout);
        Assert.Equal([false, true], asked!.Select(question => question.IsEchoed));
    }

    [Fact, Trait("Cve", "53")]
    public async Task Old_server_is_refused_unless_it_is_asked_for()
    {
        await using var server = await SshPeerServer.StartAsync("openssh-legacy");
        var error = await Assert.ThrowsAsync<SSHException>(() => ConnectAsync(server, "openssh"));
        Assert.Equal(ErrorCodes.SshProtocol, error.Code);
    }

    [Fact]
    public async Task Every_kind_of_key_is_let_in()
    {
        await using var server = await SshPeerServer.StartAsync("openssh");
        foreach (var kind in (SSHKeyKind[])[SSHKeyKind.Ed25519, SSHKeyKind.EcdsaP256, SSHKeyKind.EcdsaP384, SSHKeyKind.EcdsaP521, SSHKeyKind.Rsa3072])
        {
            using var pair = SSHKeyPair.Generate(kind);
            var path = Path.Combine(server.Home, $"{kind}");
            await pair.SaveAsync(path, Token);
            await File.AppendAllTextAsync(Path.Combine(server.Home, ".ssh", "authorized_keys"), pair.PublicKey + "\n", Token);
            await using var client = await ConnectAsync(server, "openssh", SSHCredential.KeyFile(path));
            Assert.Equal(0, (await client.RunAsync("true", cancellationToken: Token)).ExitCode);
        }
    }

    [Fact]
    public async Task Agent_signs_for_its_keys_and_for_those_alone_that_are_named()
    {
        await using var server = await SshPeerServer.StartAsync("openssh");
        using var agent = await SshAgentProcess.StartAsync();
        await agent.AddAsync(server.KeyFile);
        await using var client = await ConnectAsync(server, "openssh", SSHCredential.Agent(agent.SocketPath));
        Assert.Equal("ada\n", (await client.RunAsync("whoami", cancellationToken: Token)).Stdout);
        // Nothing of the agent is there.
        Assert.Equal("none\n", (await client.RunAsync("echo ${SSH_AUTH_SOCK:-none}", cancellationToken: Token)).Stdout);
    }

    private static Task<SSHClient> ConnectAsync(SshPeerServer server, string name, SSHCredential? credential = null)
    {
        var algorithms = name switch { "openssh-legacy" => SSHAlgorithms.Legacy, "openssh-compatible" => SSHAlgorithms.Compatible, _ => SSHAlgorithms.Modern };
        var options = server.Options with { Algorithms = algorithms };
        return SSHClient.ConnectAsync("127.0.0.1", SshPeerServer.User, null, credential is null ? options : options with { Credentials = [credential] }, Token);
    }
}
