using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Internal.Engine;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

public sealed class AgentOracleTests : IDisposable
{
    private readonly ServerFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_kind_of_key_of_an_ssh_agent_signs()
    {
        using var agent = await SshAgentProcess.StartAsync();
        foreach (var type in (string[])["ed25519", "ecdsa", "rsa"])
        {
            await SshTool.RunAsync("ssh-keygen", "-q", "-t", type, "-C", type, "-N", "", "-f", _folder[type]);
            await agent.AddAsync(_folder[type]);
        }
        var client = new AgentClient(agent.SocketPath, AgentClient.DefaultLimit, TimeProvider.System);
        var identities = await client.ListAsync(Token);
        Assert.Equal(["ed25519", "ecdsa", "rsa"], identities.Select(identity => identity.Comment));
        foreach (var identity in identities)
        {
            foreach (var algorithm in KeyTypes.SignatureAlgorithms(identity.Key.Type))
            {
                var signature = await client.SignAsync(identity.Key, "data"u8.ToArray(), algorithm, Token);
                Assert.True(SignatureCheck.Holds(identity.Key, "data"u8, signature, Ed25519.Verifier), algorithm);
            }
        }
    }

    [Fact]
    public async Task Certificate_of_an_ssh_agent_signs_as_one()
    {
        using var agent = await SshAgentProcess.StartAsync();
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _folder["ca"]);
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", _folder["key"]);
        await SshTool.RunAsync("ssh-keygen", "-q", "-s", _folder["ca"], "-I", "user", "-n", "ada", _folder["key.pub"]);
        await agent.AddAsync(_folder["key"]);
        var client = new AgentClient(agent.SocketPath, AgentClient.DefaultLimit, TimeProvider.System);
        var certified = (await client.ListAsync(Token)).Single(identity => identity.Key.Certificate is not null);
        var signature = await client.SignAsync(certified.Key, "data"u8.ToArray(), "rsa-sha2-512-cert-v01@openssh.com", Token);
        Assert.True(SignatureCheck.Holds(certified.Key.Plain, "data"u8, signature, Ed25519.Verifier));
    }

    [Fact]
    public async Task Agent_that_dies_is_an_error()
    {
        var agent = await SshAgentProcess.StartAsync();
        var client = new AgentClient(agent.SocketPath, AgentClient.DefaultLimit, TimeProvider.System);
        Assert.Empty(await client.ListAsync(Token));
        agent.Dispose();
        Assert.Equal(ErrorCodes.SshAgent, (await Assert.ThrowsAsync<SSHException>(() => client.ListAsync(Token))).Code);
    }
}
