using System.Globalization;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>
/// An SSH server of somebody else's, with a user of its own: ada, whose password is <see cref="Password"/>, who has a home and a key that is let in. The user exists in a mount namespace
/// of the server alone, so nothing of this machine is changed.
/// </summary>
internal sealed class SshPeerServer : IAsyncDisposable
{
    public const string User = "ada";
    public const string Password = "lovelace";

    // Runs as root in a namespace of its own: the user, the home (not below /tmp, where all may write: some servers mind), then the server in the same process.
    private const string Prepare = """
        set -e
        cp /etc/passwd "$1/passwd"; echo "ada:x:4242:4242:Ada:/home/ada:/bin/bash" >>"$1/passwd"
        cp /etc/shadow "$1/shadow"; echo "ada:$2:20000:0:99999:7:::" >>"$1/shadow"
        mount --bind "$1/passwd" /etc/passwd; mount --bind "$1/shadow" /etc/shadow
        mkdir -p "$1/home/.ssh" /run/sshd; mount -t tmpfs -o mode=755 none /home; mkdir /home/ada; mount --bind "$1/home" /home/ada; cp "$1/key.pub" "$1/home/.ssh/authorized_keys"
        chown -R 4242:4242 "$1/home"; chmod 700 "$1/home" "$1/home/.ssh"; chmod 600 "$1/home/.ssh/authorized_keys"
        shift 2
        exec "$@"
        """;

    private readonly ServerProcess _process;
    private readonly ServerFolder _folder;

    private SshPeerServer(ServerProcess process, ServerFolder folder, int port)
    {
        (_process, _folder, Port) = (process, folder, port);
    }

    public int Port { get; }

    public string Home => _folder["home"];

    public string KeyFile => _folder["key"];

    public string Output => _process.Output;

    /// <summary>Settings of a client that is let in by its key and remembers the host.</summary>
    public SSHClientOptions Options => new()
    {
        Port = Port,
        Credentials = [SSHCredential.KeyFile(KeyFile)],
        HostKeys = new HostKeyTrust { KnownHostsFiles = [_folder["known_hosts"]], AcceptNew = true },
    };

    /// <summary>Starts one by its name.</summary>
    public static Task<SshPeerServer> StartAsync(string name) => name switch
    {
        "openssh" => OpenSshAsync([]),
        "openssh-legacy" => OpenSshAsync(
        [
            "Ciphers aes128-cbc,3des-cbc", "MACs hmac-sha1", "KexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1", "HostKeyAlgorithms ssh-rsa", "PubkeyAcceptedAlgorithms ssh-rsa",
        ], "rsa"),
        "openssh-compatible" => OpenSshAsync(
        [
            "Ciphers aes256-ctr", "MACs hmac-sha2-256", "KexAlgorithms diffie-hellman-group14-sha256", "HostKeyAlgorithms rsa-sha2-256",
        ], "rsa"),
        "dropbear" => DropbearAsync(),
        "tinysshd" => TinySshAsync(),
        "asyncssh" => AsyncSshAsync(),
        "proftpd" => ProftpdAsync(),
        _ => throw new ArgumentException($"There is no server '{name}'.", nameof(name)),
    };

    /// <summary>Ends it at once, with everything it has started.</summary>
    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<SshPeerServer> OpenSshAsync(string[] lines, string hostKey = "ed25519")
    {
        var folder = new ServerFolder();
        var port = ServerProcess.FreePort();
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", hostKey, "-N", "", "-f", folder["host"]);
        var configuration = folder.Write("sshd_config", string.Join('\n', (string[])[
            .. lines, string.Create(CultureInfo.InvariantCulture, $"Port {port}"), "ListenAddress 127.0.0.1", $"HostKey {folder["host"]}", "UsePAM no", "PidFile none", "PasswordAuthentication yes",
            "Subsystem sftp internal-sftp", "MaxSessions 100", "MaxStartups 100", "StrictModes no",
        ]) + "\n");
        return await StartAsync(folder, port, "/usr/sbin/sshd", "-D", "-e", "-f", configuration);
    }

    private static async Task<SshPeerServer> DropbearAsync()
    {
        var folder = new ServerFolder();
        var port = ServerProcess.FreePort();
        await SshTool.RunAsync("dropbearkey", "-t", "ed25519", "-f", folder["host"]);
        return await StartAsync(folder, port, "/usr/sbin/dropbear", "-F", "-E", "-p", $"127.0.0.1:{port}", "-r", folder["host"], "-P", folder["pid"]);
    }

    private static async Task<SshPeerServer> TinySshAsync()
    {
        var folder = new ServerFolder();
        var port = ServerProcess.FreePort();
        await ToolRun.RunAsync("", "/usr/sbin/tinysshd-makekey", folder["keys"]);
        return await StartAsync(folder, port, "/usr/bin/socat", $"TCP4-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork", $"EXEC:/usr/sbin/tinysshd -x sftp=/usr/lib/openssh/sftp-server {folder["keys"]}");
    }

    private static async Task<SshPeerServer> AsyncSshAsync()
    {
        var folder = new ServerFolder();
        var port = ServerProcess.FreePort();
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", folder["host"]);
        return await StartAsync(folder, port, "/usr/bin/python3", "-W", "ignore", Path.Combine(AppContext.BaseDirectory, "Fixtures", "asyncssh_server.py"), $"{port}", folder["host"], folder["key.pub"]);
    }

    private static async Task<SshPeerServer> ProftpdAsync()
    {
        var folder = new ServerFolder();
        var port = ServerProcess.FreePort();
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", "rsa", "-b", "3072", "-m", "PEM", "-N", "", "-f", folder["host"]);
        var configuration = folder.Write("proftpd.conf", $"""
            ServerType standalone
            DefaultServer on
            Port {port}
            DefaultAddress 127.0.0.1
            UseIPv6 off
            ModulePath /usr/lib/proftpd
            LoadModule mod_sftp.c
            PidFile {folder["pid"]}
            ScoreboardFile {folder["score"]}
            SystemLog {folder["log"]}
            WtmpLog off
            TransferLog none
            DelayEngine off
            User nobody
            Group nogroup
            RequireValidShell off
            AllowOverwrite on
            AllowStoreRestart on
            SFTPEngine on
            SFTPHostKey {folder["host"]}
            SFTPAuthorizedUserKeys file:{folder["keys"]}

            """);
        var server = await StartAsync(folder, port, "/usr/sbin/proftpd", "-n", "-q", "-c", configuration);
        // In the form of RFC 4716.
        await File.WriteAllTextAsync(folder["keys"], await SshTool.RunAsync("ssh-keygen", "-e", "-m", "RFC4716", "-f", folder["key.pub"]));
        return server;
    }

    private static async Task<SshPeerServer> StartAsync(ServerFolder folder, int port, string path, params string[] arguments)
    {
        if (!File.Exists(path))
            throw new InvalidOperationException($"{path} is not installed; this test needs it: run ./dev setup.");
        var isOld = arguments.Any(argument => argument.Contains("sshd_config", StringComparison.Ordinal) && File.ReadAllText(argument).Contains("PubkeyAcceptedAlgorithms ssh-rsa", StringComparison.Ordinal));
        await SshTool.RunAsync("ssh-keygen", "-q", "-t", isOld ? "rsa" : "ed25519", "-N", "", "-f", folder["key"]);
        var hash = (await SshTool.RunAsync("openssl", "passwd", "-6", Password)).Trim();
        var process = await ServerProcess.StartAsync(folder, port, "/usr/bin/unshare", ["-m", "/bin/sh", "-c", Prepare, "sh", folder.Path, hash, path, .. arguments]);
        return new SshPeerServer(process, folder, port);
    }
}
