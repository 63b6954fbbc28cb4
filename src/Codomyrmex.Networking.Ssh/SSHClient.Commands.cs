using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Ssh.Internal;

namespace Codomyrmex.Networking.Ssh;

public sealed partial class SSHClient
{
    private static readonly Dictionary<string, string> NoVariables = [];

    /// <summary>Runs a command to its end and keeps what it writes.</summary>
    /// <param name="command">The command, as the user's login shell there reads it. What comes from elsewhere must be quoted for that shell.</param>
    /// <param name="options">How it runs; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels it: it is sent the signal TERM, which servers need not deliver, and its channel is closed.</param>
    /// <exception cref="IOException">Or whatever else <see cref="SSHCommandOptions.StandardInput"/> failed with; the command was ended.</exception>
    /// <exception cref="NetworkTimeoutException">It ran longer than <see cref="SSHCommandOptions.Timeout"/>.</exception>
    /// <exception cref="SSHException">It wrote too much (<c>ssh.output_too_large</c>), the server refused it (<c>ssh.channel</c>), or the connection was lost (<c>ssh.disconnected</c>).</exception>
    public async Task<SSHCommandResult> RunAsync(string command, SSHCommandOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        options ??= SSHCommandOptions.Default;
        options.Validate();
        var startedAt = Options.Clock.GetTimestamp();
        return await CallAsync("SSH exec", startedAt, async token =>
        {
            var sudo = options.Sudo is null ? null : new SudoDialogue(options.Sudo);
            var process = await StartAsync("exec", sudo?.Wrap(command) ?? command, options.Environment, options.Terminal, token).ConfigureAwait(false);
            await using (process.ConfigureAwait(false))
                return await new CommandRun(process, Endpoint, options, sudo, Options.Clock).RunAsync(startedAt, token).ConfigureAwait(false);
        }, static result => ("ssh.exit_status", result.ExitCode), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a command whose streams the caller reads and writes. Of the options, time, limit, input and sudo are those of <see cref="RunAsync"/> alone.</summary>
    /// <param name="command">The command, as the user's login shell there reads it.</param>
    /// <param name="options">Environment and terminal; null for none.</param>
    /// <param name="cancellationToken">Cancels starting it, not the command.</param>
    /// <exception cref="SSHException">The server refused it (<c>ssh.channel</c>), or the connection was lost.</exception>
    public async Task<SSHProcess> StartAsync(string command, SSHCommandOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        options ??= SSHCommandOptions.Default;
        options.Validate();
        if (options.Sudo is not null || options.StandardInput is not null || options.Timeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentException("SSHCommandOptions.Sudo, StandardInput and Timeout are for RunAsync.", nameof(options));
        return await StartAsync("exec", command, options.Environment, options.Terminal, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts the user's login shell.</summary>
    /// <param name="terminal">Its terminal; null for <see cref="SSHTerminal.Default"/>.</param>
    /// <param name="cancellationToken">Cancels starting it, not the shell.</param>
    public Task<SSHProcess> OpenShellAsync(SSHTerminal? terminal = null, CancellationToken cancellationToken = default)
    {
        terminal ??= SSHTerminal.Default;
        terminal.Validate();
        return StartAsync("shell", null, NoVariables, terminal, cancellationToken);
    }

    /// <summary>Starts a subsystem of the server's (RFC 4254, section 6.5), such as <c>netconf</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Cancels starting it, not the subsystem.</param>
    public Task<SSHProcess> OpenSubsystemAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return StartAsync("subsystem", name, NoVariables, null, cancellationToken);
    }

    internal async Task<T> CallAsync<T>(string name, long startedAt, Func<CancellationToken, Task<T>> call, Func<T, (string Name, object? Value)>? describe, CancellationToken cancellationToken) =>
        await Operation.RunAsync(new SshCallExchange<T>(this, name, call, describe) { StartedAt = startedAt, EndsAt = long.MaxValue }, cancellationToken).ConfigureAwait(false);

    private async Task<SSHProcess> StartAsync(string request, string? argument, IReadOnlyDictionary<string, string> environment, SSHTerminal? terminal, CancellationToken cancellationToken)
    {
        var connection = await LinkAsync(cancellationToken).ConfigureAwait(false);
        var start = new SessionStart(request, argument, environment, terminal);
        return new SSHProcess(await start.RunAsync(connection, static (channel, places) => new SessionReader(channel, places), Options.ReceiveWindow, Options.Timeouts.FirstByte, Options.Clock, cancellationToken).ConfigureAwait(false));
    }
}
