using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

public class OpenSshServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fixture_starts_a_private_sshd_that_lets_its_own_client_in()
    {
        await using var server = await OpenSshServer.StartAsync(cancellationToken: Token);
        var port = server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var said = await ToolRun.RunAsync("", "/usr/bin/ssh", "-F", "none", "-i", server.KeyFile, "-o", $"UserKnownHostsFile={server.KnownHostsFile}", "-o", "GlobalKnownHostsFile=none",
            "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-p", port, $"{server.User}@{server.Host}", "echo hello");
        Assert.Equal("hello\n", said);
        Assert.Contains("Accepted publickey", await server.LoggedAsync("Accepted publickey", Token));
    }

    [Fact]
    public async Task Fixture_says_what_is_missing()
    {
        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() => OpenSshServer.StartAsync(new() { Executable = "/nowhere/sshd" }, Token));
        Assert.Contains("is not installed", missing.Message);
        var wrong = await Assert.ThrowsAsync<InvalidOperationException>(() => OpenSshServer.StartAsync(new() { Configuration = ["NoSuchThing yes"] }, Token));
        Assert.Contains("NoSuchThing", wrong.Message);
    }

    [Fact]
    public async Task Fixture_is_gone_with_its_sessions_when_it_is_killed()
    {
        await using var server = await OpenSshServer.StartAsync(cancellationToken: Token);
        var state = $"/proc/{server.ProcessId}/stat";
        Assert.Contains("(sshd)", File.ReadAllText(state));
        server.Kill();
        // Dead, and perhaps not buried yet.
        Assert.True(!File.Exists(state) || File.ReadAllText(state).Contains("(sshd) Z", StringComparison.Ordinal));
    }
}
