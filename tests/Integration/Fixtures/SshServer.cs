using System.Globalization;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>OpenSSH's server with a host key of its own, on a port of the loopback interface. Nobody can log in.</summary>
internal sealed class SshServer : IAsyncDisposable
{
    private const string PrivilegeSeparation = "/run/sshd";

    private readonly ServerProcess _process;

    private SshServer(ServerProcess process, int port, string fingerprint)
    {
        _process = process;
        Port = port;
        Fingerprint = fingerprint;
    }

    public int Port { get; }

    /// <summary>As ssh-keygen prints it.</summary>
    public string Fingerprint { get; }

    /// <param name="keyKind">What ssh-keygen's -t takes.</param>
    public static async Task<SshServer> StartAsync(string keyKind)
    {
        var folder = new ServerFolder();
        var port = ServerProcess.FreePort();
        await ToolRun.RunAsync("", "/usr/bin/ssh-keygen", "-q", "-t", keyKind, "-N", "", "-f", folder["key"]);
        var printed = await ToolRun.RunAsync("", "/usr/bin/ssh-keygen", "-l", "-E", "sha256", "-f", folder["key.pub"]);
        // Where root starts it, it wants a folder that the system's start makes.
        if (Environment.UserName == "root")
            Directory.CreateDirectory(PrivilegeSeparation);
        var configuration = folder.Write("sshd_config", string.Create(CultureInfo.InvariantCulture,
            $"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder["key"]}\nPidFile none\nUsePAM no\nStrictModes no\nAuthenticationMethods publickey\nAuthorizedKeysFile none\n"));
        var process = await ServerProcess.StartAsync(folder, port, "/usr/sbin/sshd", "-D", "-e", "-f", configuration);
        return new SshServer(process, port, printed.Split(' ')[1]);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
