using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Codomyrmex.Networking.Ssh;

/// <summary>Does the same on many hosts, so many at a time, and says of each what came of it. One host's failure is no other's. Immutable.</summary>
/// <param name="username">The user on each host.</param>
/// <param name="options">How to connect; a host may name a port of its own.</param>
/// <param name="parallel">How many hosts at a time, 1 to 1024.</param>
public sealed class SSHFleet(string username, SSHClientOptions options, int parallel = 16)
{
    private readonly int _parallel = parallel is >= 1 and <= 1024 ? parallel : throw new ArgumentOutOfRangeException(nameof(parallel), parallel, "1 to 1024 hosts at a time.");

    /// <summary>Runs a command on each host.</summary>
    /// <param name="hosts">The hosts: <c>name</c>, <c>name:port</c>, <c>[address]:port</c>.</param>
    /// <param name="command">The command.</param>
    /// <param name="commandOptions">How it runs; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels what runs, and begins nothing more.</param>
    /// <returns>One result a host, in the order in which they end.</returns>
    public IAsyncEnumerable<SSHFleetResult<SSHCommandResult>> RunAsync(IEnumerable<string> hosts, string command, SSHCommandOptions? commandOptions = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        return ForEachAsync(hosts, (ssh, token) => ssh.RunAsync(command, commandOptions, token), cancellationToken);
    }

    /// <summary>Connects to each host and does something there.</summary>
    /// <typeparam name="T">What each host gives.</typeparam>
    /// <param name="hosts">The hosts: <c>name</c>, <c>name:port</c>, <c>[address]:port</c>.</param>
    /// <param name="work">What to do. The client is disposed when it is done. Its <see cref="NetworkException"/> is the host's result; any other exception ends the sequence.</param>
    /// <param name="cancellationToken">Cancels what runs, and begins nothing more.</param>
    /// <returns>One result a host, in the order in which they end.</returns>
    public async IAsyncEnumerable<SSHFleetResult<T>> ForEachAsync<T>(IEnumerable<string> hosts, Func<SSHClient, CancellationToken, Task<T>> work, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        ArgumentNullException.ThrowIfNull(work);
        var targets = hosts.Select(host => (Name: host, Client: NewClient(host))).ToList();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var results = Channel.CreateUnbounded<SSHFleetResult<T>>();
        var running = RunAllAsync(targets, work, results.Writer, stop.Token);
        try
        {
            await foreach (var result in results.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return result;
            await running.ConfigureAwait(false);
        }
        finally
        {
            // Whoever stops reading wants nothing more to happen.
            await stop.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAllAsync<T>(IEnumerable<(string Name, SSHClient Client)> targets, Func<SSHClient, CancellationToken, Task<T>> work, ChannelWriter<SSHFleetResult<T>> results, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await Parallel.ForEachAsync(targets, new ParallelOptions { MaxDegreeOfParallelism = _parallel, CancellationToken = cancellationToken }, async (target, token) =>
                results.TryWrite(await RunOneAsync(target.Name, target.Client, work, token).ConfigureAwait(false))).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            results.TryComplete(failure);
        }
    }

    private async Task<SSHFleetResult<T>> RunOneAsync<T>(string host, SSHClient client, Func<SSHClient, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var startedAt = options.Clock.GetTimestamp();
        await using (client.ConfigureAwait(false))
        {
            try
            {
                await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
                return new SSHFleetResult<T>(host, await work(client, cancellationToken).ConfigureAwait(false), null, options.Clock.GetElapsedTime(startedAt));
            }
            catch (NetworkException error)
            {
                return new SSHFleetResult<T>(host, default, error, options.Clock.GetElapsedTime(startedAt));
            }
        }
    }

    private SSHClient NewClient(string host)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        var colon = host.LastIndexOf(':');
        // An IPv6 address has colons of its own: a port stands behind brackets only.
        if (colon <= 0 || (host.IndexOf(':', StringComparison.Ordinal) != colon && host[colon - 1] != ']'))
            return new SSHClient(host.Trim('[', ']'), username, options);
        return int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new SSHClient(host[..colon].Trim('[', ']'), username, options with { Port = port })
            : throw new ArgumentException($"'{Printable.Text(host)}' is no host and port.", nameof(host));
    }
}
