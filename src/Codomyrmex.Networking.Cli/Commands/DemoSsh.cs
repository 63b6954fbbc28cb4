using System.Security.Cryptography;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about SSH, against a real sshd where there is one.</summary>
internal static class DemoSsh
{
    private const string Chapter = "SSH";

    public static DemoStep[] Steps(Lab lab) => lab.Ssh is not { } server
        ? [new(Chapter, "talk to a private sshd", static _ => Task.FromResult("OpenSSH is not installed on this machine, so nothing was done"))]
        :
        [
            new(Chapter, "run a command: both outputs and its status", ct => RunAsync(server, ct)),
            new(Chapter, "refuse a host that is not known", ct => RefuseUnknownAsync(server, ct)),
            new(Chapter, "refuse a host whose key has changed", ct => RefuseChangedAsync(server, ct)),
            new(Chapter, "send a file and fetch it, compared on both sides", ct => TransferAsync(server, ct)),
        ];

    private static SSHClientOptions Options(OpenSshServer server) => new()
    {
        Port = server.Port,
        Credentials = [SSHCredential.KeyFile(server.KeyFile)],
        HostKeys = new HostKeyTrust { KnownHostsFiles = [server.KnownHostsFile] },
    };

    private static async Task<string> RunAsync(OpenSshServer server, CancellationToken cancellationToken)
    {
        await using var client = await SSHClient.ConnectAsync(server.Host, server.User, options: Options(server), cancellationToken: cancellationToken);
        var result = await client.RunAsync("echo out; echo err >&2; exit 3", cancellationToken: cancellationToken);
        DemoFailure.Unless(result is { Stdout: "out\n", Stderr: "err\n", ExitCode: 3 }, $"it was {result}");
        return $"out, err and {result.Exit} over {client.Facts!.KeyExchange} and {client.Facts.Encryption}";
    }

    private static async Task<string> RefuseUnknownAsync(OpenSshServer server, CancellationToken cancellationToken)
    {
        var options = Options(server) with { HostKeys = new HostKeyTrust { KnownHostsFiles = [] } };
        var error = await DemoFailure.CatchAsync<SSHException>(SSHClient.ConnectAsync(server.Host, server.User, options: options, cancellationToken: cancellationToken), ErrorCodes.SshHostKeyUnknown);
        return $"{error.Code}: {error.Message}";
    }

    private static async Task<string> RefuseChangedAsync(OpenSshServer server, CancellationToken cancellationToken)
    {
        using var other = SSHKeyPair.Generate();
        var known = Path.Combine(server.Folder, "known_hosts_of_another");
        await File.WriteAllTextAsync(known, $"[{server.Host}]:{server.Port} {other.PublicKey}\n", cancellationToken);
        var options = Options(server) with { HostKeys = new HostKeyTrust { KnownHostsFiles = [known], AcceptNew = true } };
        var error = await DemoFailure.CatchAsync<SSHException>(SSHClient.ConnectAsync(server.Host, server.User, options: options, cancellationToken: cancellationToken), ErrorCodes.SshHostKeyChanged);
        return $"{error.Code}: known is {other.Fingerprint}, and that is not what was shown";
    }

    private static async Task<string> TransferAsync(OpenSshServer server, CancellationToken cancellationToken)
    {
        const int Size = 4 * 1024 * 1024;
        var (local, remote, back) = (Path.Combine(server.Folder, "local"), Path.Combine(server.Folder, "remote"), Path.Combine(server.Folder, "back"));
        await File.WriteAllBytesAsync(local, RandomNumberGenerator.GetBytes(Size), cancellationToken);
        await using var client = await SSHClient.ConnectAsync(server.Host, server.User, options: Options(server), cancellationToken: cancellationToken);
        var verified = new SftpTransferOptions { Verify = true };
        var sent = await client.UploadAsync(local, remote, verified, cancellationToken);
        var fetched = await client.DownloadAsync(remote, back, verified, cancellationToken);
        DemoFailure.Unless(sent.Sha256 is not null && sent.Sha256 == fetched.Sha256 && fetched.Bytes == Size, "it came back otherwise");
        return $"{SizeText.Of(Size)} there and back, SHA-256 {sent.Sha256![..16]}…";
    }
}
