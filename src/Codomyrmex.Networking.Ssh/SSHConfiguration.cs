using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// The configuration of OpenSSH's client (<c>ssh_config(5)</c>): files that say for each host where it is, who one is there and what is trusted. Read
/// only when asked for. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <c>Host</c>, <c>Match</c> (but <c>exec</c>, <c>localnetwork</c>, <c>command</c>, <c>sessiontype</c> and <c>version</c>), <c>Include</c>, tokens, <c>~</c> and variables are understood; the
/// first value wins. Nothing is ever run: where a <c>Match exec</c>, a <c>ProxyCommand</c>, a <c>KnownHostsCommand</c>, or a provider of keys applies to the host, that is an error. A word that
/// is no keyword is an error too.
/// </remarks>
public sealed class SSHConfiguration
{
    private readonly IReadOnlyList<ConfigSource> _sources;
    private readonly ConfigIncludes _includes;

    private SSHConfiguration(IReadOnlyList<ConfigSource> sources, ConfigIncludes includes) => (_sources, _includes) = (sources, includes);

    /// <summary>Reads the user's and the system's file, <c>~/.ssh/config</c> and <c>/etc/ssh/ssh_config</c>, those of them that exist.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="SSHException">A file cannot be read (<c>ssh.configuration</c>).</exception>
    public static async Task<SSHConfiguration> LoadDefaultAsync(CancellationToken cancellationToken = default) =>
        await ReadAsync(["~/.ssh/config", "/etc/ssh/ssh_config"], isAbsentAllowed: true, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads one file.</summary>
    /// <param name="path">The file; a leading <c>~</c> is the home directory.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="SSHException">It cannot be read (<c>ssh.configuration</c>).</exception>
    public static async Task<SSHConfiguration> LoadAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return await ReadAsync([path], isAbsentAllowed: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the configuration says for a host.</summary>
    /// <param name="host">The host as one would name it to <c>ssh</c>.</param>
    /// <param name="user">The user where it is given otherwise; null to let the configuration say.</param>
    /// <param name="port">The port where it is given otherwise; null to let the configuration say.</param>
    /// <exception cref="SSHException">A line is wrong, or asks for what is refused; the message names it (<c>ssh.configuration</c>).</exception>
    public SSHHostSettings For(string host, string? user = null, int? port = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        var facts = new ConfigFacts
        {
            Host = host,
            User = user,
            Port = port,
            LocalUser = Environment.UserName,
            Home = HomePath.Home,
            LocalHost = Environment.MachineName,
            Environment = Environment.GetEnvironmentVariable,
        };
        try
        {
            var values = new ConfigEvaluation(facts, _includes.Find, exec: null).Run(_sources);
            return new ConfigReading(values, facts).Settings();
        }
        catch (Exception wrong) when (wrong is FormatException or IOException or UnauthorizedAccessException)
        {
            throw Fail($"The configuration for '{Printable.Text(host, 100)}' cannot be used: {wrong.Message}", wrong);
        }
    }

    private static async Task<SSHConfiguration> ReadAsync(IReadOnlyList<string> paths, bool isAbsentAllowed, CancellationToken cancellationToken)
    {
        var includes = new ConfigIncludes();
        var sources = new List<ConfigSource>();
        foreach (var path in paths)
        {
            try
            {
                sources.Add(await includes.ReadAsync(path, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception absent) when (isAbsentAllowed && absent is FileNotFoundException or DirectoryNotFoundException)
            {
            }
            catch (Exception wrong) when (wrong is FormatException or IOException or UnauthorizedAccessException)
            {
                throw Fail($"'{path}' cannot be read: {wrong.Message}", wrong);
            }
        }
        return new SSHConfiguration(sources, includes);
    }

    private static NetworkException Fail(string message, Exception inner) => new NetworkFailure { Code = ErrorCodes.SshConfiguration, Message = message, Phase = NetworkPhase.Prepare }.ToException(inner);
}
