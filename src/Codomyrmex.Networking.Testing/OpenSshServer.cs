using System.Globalization;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A real OpenSSH server of one's own: <c>sshd</c> on 127.0.0.1 with new host keys, a key that is let in, SFTP, and nothing of the machine's own configuration. It runs as, and lets in,
/// the user of this process. Disposing ends it with its sessions, by their process numbers, and deletes its folder. Thread-safe.
/// </summary>
public sealed class OpenSshServer : IAsyncDisposable
{
    private const int MostTries = 5;

    private readonly OpenSshProcess _process;
    private readonly OpenSshFolder _folder;

    private OpenSshServer(OpenSshProcess process, OpenSshFolder folder, int port)
    {
        (_process, _folder, Port) = (process, folder, port);
    }

    /// <summary>Whether this machine has the programs that <see cref="StartAsync"/> needs.</summary>
    public static bool IsInstalled => File.Exists(new OpenSshServerOptions().Executable) && ProgramPath.Find("ssh-keygen") is not null;

    /// <summary>127.0.0.1.</summary>
    public string Host => "127.0.0.1";

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <summary>The one user it lets in: this process's.</summary>
    public string User => Environment.UserName;

    /// <summary>A private key that it lets in; the public half is beside it under the name with <c>.pub</c>.</summary>
    public string KeyFile => _folder["client_key"];

    /// <summary>A <c>known_hosts</c> file that knows it.</summary>
    public string KnownHostsFile => _folder["known_hosts"];

    /// <summary>Its private host keys, in the order of the options; the public halves are beside them.</summary>
    public IReadOnlyList<string> HostKeyFiles => _folder.HostKeys;

    /// <summary>A folder that is deleted with the server: for files that are sent and fetched.</summary>
    public string Folder => _folder["files"];

    /// <summary>The number of its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>What it has logged so far, a line each.</summary>
    public IReadOnlyList<string> Log => _process.Log;

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="options">How it is set up; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="InvalidOperationException">OpenSSH is not installed, or the server does not come up; the message says what it said.</exception>
    public static async Task<OpenSshServer> StartAsync(OpenSshServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new OpenSshServerOptions();
        if (!File.Exists(options.Executable))
            throw new InvalidOperationException($"{options.Executable} is not installed (on Debian: openssh-server).");
        var folder = await OpenSshFolder.MakeAsync(options, cancellationToken).ConfigureAwait(false);
        try
        {
            for (var tries = 1; ; tries++)
            {
                var port = options.Port != 0 ? options.Port : FreePort.Next();
                folder.Configure(options, port);
                var process = OpenSshProcess.Start(options.Executable, folder["sshd_config"]);
                // Another process may have taken the free port meanwhile.
                if (await process.ListensAsync(port, cancellationToken).ConfigureAwait(false))
                    return new OpenSshServer(process, folder, port);
                var log = string.Join('\n', process.Log);
                await process.DisposeAsync().ConfigureAwait(false);
                if (options.Port != 0 || tries == MostTries || !log.Contains("Cannot bind any address", StringComparison.Ordinal))
                    throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{options.Executable} did not come up on port {port}:\n{log}"));
            }
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Waits until it has logged a line with a text in it.</summary>
    /// <param name="text">Part of the line.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The line.</returns>
    public Task<string> LoggedAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return _process.LoggedAsync(text, cancellationToken);
    }

    /// <summary>Ends it and its sessions at once, as a crash would (SIGKILL).</summary>
    public void Kill() => _process.Kill();

    /// <summary>Ends it and its sessions, and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync().ConfigureAwait(false);
        _folder.Dispose();
    }
}
