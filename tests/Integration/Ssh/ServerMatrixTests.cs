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
    [InlineData("tinysshd")]
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
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.RunAsync($"echo {i}", cancellationToken: Token)));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i}\n"), all.Select(one => one.Stdout));
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
