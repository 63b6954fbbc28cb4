using System.Diagnostics;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>A real ssh-agent in the foreground, with a socket of its own.</summary>
internal sealed class SshAgentProcess : IDisposable
{
    private readonly Process _process;
    private readonly ServerFolder _folder;

    private SshAgentProcess(Process process, ServerFolder folder) => (_process, _folder) = (process, folder);

    public string SocketPath => _folder["agent"];

    public static async Task<SshAgentProcess> StartAsync()
    {
        var folder = new ServerFolder();
        var process = Process.Start(new ProcessStartInfo("/usr/bin/ssh-agent", ["-D", "-a", folder["agent"]]) { RedirectStandardOutput = true })!;
        // It prints where it listens once it does.
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return new(process, folder);
    }

    public async Task AddAsync(string keyFile)
    {
        var (exitCode, _, error) = await SshTool.TryAsync("ssh-add", [("SSH_AUTH_SOCK", SocketPath)], "-q", keyFile);
        Assert.True(exitCode == 0, error);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }
}
