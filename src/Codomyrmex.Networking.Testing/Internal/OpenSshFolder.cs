using System.Diagnostics;
using System.Globalization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The folder of one <see cref="OpenSshServer"/>: keys, configuration, files.</summary>
internal sealed class OpenSshFolder : IDisposable
{
    // Where sshd of Debian leaves its rights, once it has read a key exchange as root; the init script makes it otherwise.
    private const string PrivilegeSeparation = "/run/sshd";

    private readonly string _path = Directory.CreateTempSubdirectory("sshd-").FullName;
    private readonly List<string> _hostKeys = [];

    public IReadOnlyList<string> HostKeys => _hostKeys;

    public string this[string name] => Path.Combine(_path, name);

    public static async Task<OpenSshFolder> MakeAsync(OpenSshServerOptions options, CancellationToken cancellationToken)
    {
        var folder = new OpenSshFolder();
        try
        {
            Directory.CreateDirectory(folder["files"]);
            await folder.MakeKeyAsync("ed25519", "client_key", cancellationToken).ConfigureAwait(false);
            if (options.HostKeyFiles.Count > 0)
                folder._hostKeys.AddRange(options.HostKeyFiles.Select((file, i) => folder.CopyKey(file, i)));
            else
                await folder.MakeHostKeysAsync(options.HostKeyTypes, cancellationToken).ConfigureAwait(false);
            File.WriteAllLines(folder["authorized_keys"], [File.ReadAllText(folder["client_key.pub"]).Trim(), .. options.AuthorizedKeys]);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Writes the configuration of a server on a port, and what a client knows of it.</summary>
    public void Configure(OpenSshServerOptions options, int port)
    {
        if (Environment.UserName == "root" && !OperatingSystem.IsWindows())
            Directory.CreateDirectory(PrivilegeSeparation);
        string[] own =
        [
            string.Create(CultureInfo.InvariantCulture, $"Port {port}"), "ListenAddress 127.0.0.1",
            .. _hostKeys.Select(file => $"HostKey {file}"),
            $"AuthorizedKeysFile {this["authorized_keys"]}", "StrictModes no", "PidFile none", "LogLevel VERBOSE", "UsePAM no",
            "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password",
            "MaxStartups 200", "MaxSessions 200", "MaxAuthTries 20", "AcceptEnv *", "PrintMotd no", "PrintLastLog no",
            // An inner shell, for bash: it leaves out ~/.bashrc, so that commands do not depend on whose machine this is.
            "SetEnv SHLVL=1",
        ];
        var hasSftp = options.Configuration.Any(line => line.TrimStart().StartsWith("Subsystem", StringComparison.OrdinalIgnoreCase));
        // Last among the fixture's own lines, since a Match of the caller's goes on to the end.
        var matches = options.Configuration.SkipWhile(line => !line.TrimStart().StartsWith("Match", StringComparison.OrdinalIgnoreCase)).ToList();
        File.WriteAllLines(this["sshd_config"], [.. options.Configuration.Take(options.Configuration.Count - matches.Count), .. own, .. hasSftp ? Array.Empty<string>() : ["Subsystem sftp internal-sftp"], .. matches]);
        File.WriteAllLines(this["known_hosts"], _hostKeys.Select(file =>
        {
            var words = File.ReadAllText(file + ".pub").Split(' ');
            return string.Create(CultureInfo.InvariantCulture, $"[127.0.0.1]:{port} {words[0]} {words[1].Trim()}");
        }));
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private async Task MakeHostKeysAsync(IReadOnlyList<string> types, CancellationToken cancellationToken)
    {
        for (var i = 0; i < types.Count; i++)
            _hostKeys.Add(await MakeKeyAsync(types[i], string.Create(CultureInfo.InvariantCulture, $"host_key_{i}"), cancellationToken).ConfigureAwait(false));
    }

    private string CopyKey(string file, int number)
    {
        var copy = this[string.Create(CultureInfo.InvariantCulture, $"host_key_{number}")];
        File.Copy(file, copy);
        File.Copy(file + ".pub", copy + ".pub");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return copy;
    }

    private async Task<string> MakeKeyAsync(string type, string name, CancellationToken cancellationToken)
    {
        var program = ProgramPath.Find("ssh-keygen") ?? throw new InvalidOperationException("ssh-keygen is not installed (on Debian: openssh-client).");
        var parts = type.Split(':');
        string[] size = parts.Length > 1 ? ["-b", parts[1]] : [];
        var start = new ProcessStartInfo(program, ["-q", "-t", parts[0], .. size, "-N", "", "-C", name, "-f", this[name]]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return process.ExitCode == 0 ? this[name] : throw new InvalidOperationException($"ssh-keygen could not make a key of type '{type}': {error}");
    }
}
