using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Samples;

/// <summary>Files over SSH: there and back, a failure, directories. The server is a private OpenSSH on this machine.</summary>
public static class SshFiles
{
    public static async Task RunAsync(Uri _, TextWriter output, CancellationToken ct)
    {
        await using var server = await OpenSshServer.StartAsync(cancellationToken: ct);
        var (local, remote) = (Directory.CreateDirectory(Path.Combine(server.Folder, "here")).FullName, Path.Combine(server.Folder, "there"));
        await File.WriteAllTextAsync(Path.Combine(local, "report.txt"), "all is well", ct);
        var options = new SSHClientOptions { Port = server.Port, HostKeys = new HostKeyTrust { KnownHostsFiles = [server.KnownHostsFile] } };
        await using var ssh = await SSHClient.ConnectAsync(server.Host, server.User, server.KeyFile, options, ct);
        // sample: files
        await using var files = await ssh.OpenSftpAsync(ct);
        await files.CreateDirectoryAsync(remote, parents: true, cancellationToken: ct);
        var sent = await ssh.UploadAsync($"{local}/report.txt", remote, new() { Resume = true, Verify = true }, ct);
        var fetched = await ssh.DownloadAsync(sent.RemotePath, $"{local}/copy.txt", cancellationToken: ct);
        await output.WriteLineAsync($"{sent.Bytes} bytes there, {fetched.Bytes} back, SHA-256 {sent.Sha256}");
        // end
        // sample: trees
        var tree = await files.SyncToAsync(local, $"{remote}/mirror", new() { Filter = name => !name.EndsWith(".tmp"), Delete = true }, ct);
        await output.WriteLineAsync($"{tree.Files} files sent, {tree.Unchanged} the same, {tree.Deleted} deleted");
        await foreach (var entry in files.GlobAsync($"{remote}/**/*.txt", ct))
            await output.WriteLineAsync($"{entry.Name}: {entry.Attributes.Size} bytes");
        // end
        // sample: failure
        try
        {
            await ssh.DownloadAsync("/no/such/file", local, cancellationToken: ct);
        }
        catch (SftpException error)
        {
            await output.WriteLineAsync($"{error.Code}: {error.Message}");
        }
        // end
    }
}
