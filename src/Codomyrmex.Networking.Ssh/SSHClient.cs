using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// A connection to an SSH server: commands, files, forwards and tunnels, any number of them at a time. Thread-safe. Disposing it ends everything that runs over it.
/// </summary>
/// <remarks>
/// The server is dialled as all clients here dial: egress policy on its name and on each address, Happy Eyeballs, proxies. Its host key is judged by the name that
/// was asked for, before any credential is shown.
/// </remarks>
public sealed partial class SSHClient : IAsyncDisposable, IUnderlay
{
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(2);

    private readonly Dialer _dialer;
    private readonly RetryBudget _budget;
    private readonly SemaphoreSlim _connecting = new(1);
    private Multiplexer? _connection;
    private SshConnectExchange? _opening;
    private bool _isDisposed;

    /// <summary>Makes a client; nothing is connected yet, the first call does that.</summary>
    /// <param name="host">Host name or address.</param>
    /// <param name="username">The user there.</param>
    /// <param name="options">Its settings; they name at least one credential.</param>
    /// <exception cref="ArgumentException">An argument or a setting is wrong; its name is in the message.</exception>
    public SSHClient(string host, string username, SSHClientOptions options)
    {
        HostArgument.Demand(host, nameof(host));
        ArgumentException.ThrowIfNullOrEmpty(username);
        ArgumentNullException.ThrowIfNull(options);
        // Names go to the server, into files and messages: nothing in them may be taken for something else (CVE-2025-61984).
        if (username.Any(static c => char.IsControl(c)) || username[0] == '-')
            throw new ArgumentException("A user's name has no control characters and does not begin with a hyphen.", nameof(username));
        options.Validate();
        (Options, Username, Endpoint) = (options, username, new Endpoint(host, options.Port));
        _dialer = new Dialer(options.Transport, options.Clock);
        _budget = new RetryBudget(options.Retry);
    }

    /// <summary>Whom it talks to.</summary>
    public Endpoint Endpoint { get; }

    /// <summary>The user there.</summary>
    public string Username { get; }

    /// <summary>Its settings.</summary>
    public SSHClientOptions Options { get; }

    /// <summary>Whether the connection stands, as far as is known here.</summary>
    public bool IsConnected => Volatile.Read(ref _connection) is { End: null };

    /// <summary>What was agreed on for the connection that stands or stood last; null before the first.</summary>
    public SSHConnectionFacts? Facts => Volatile.Read(ref _connection)?.Facts;

    /// <summary>Cancelled when the connection that stands now is over, for whatever reason; already cancelled where there is none.</summary>
    public CancellationToken ConnectionLost => Volatile.Read(ref _connection)?.Over ?? new CancellationToken(canceled: true);

    /// <summary>Makes a client and connects it.</summary>
    /// <param name="host">Host name or address.</param>
    /// <param name="username">The user there.</param>
    /// <param name="keyFile">A private key to try first; null for those of <paramref name="options"/> alone.</param>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="SSHException">The host key is not accepted (<c>ssh.host_key_…</c>), or no credential is (<c>ssh.authentication</c>).</exception>
    /// <exception cref="NetworkException">No connection could be made; says why, with every address tried.</exception>
    public static async Task<SSHClient> ConnectAsync(string host, string username, string? keyFile = null, SSHClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= SSHClientOptions.Default;
        if (keyFile is not null)
            options = options with { Credentials = [SSHCredential.KeyFile(keyFile), .. options.Credentials] };
        var client = new SSHClient(host, username, options);
        try
        {
            await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connects, where that is not done yet.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="NetworkException">No connection could be made, or it was lost and <see cref="SSHClientOptions.Reconnect"/> is off.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken = default) => await LinkAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Ends the connection and everything that runs over it. Where <see cref="HostKeyTrust.FollowRotation"/> is on, what the server has announced of its keys is first seen to, for up to two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (Volatile.Read(ref _connection) is { End: null, Rotation: { } rotation })
            await rotation.Done.WaitAsync(LongestFarewell, Options.Clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Interlocked.Exchange(ref _files, null) is { } files)
            await files.DisposeAsync().ConfigureAwait(false);
        if (Volatile.Read(ref _connection) is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>What the connection that stands lies on, the lowest layer first, the SSH connection itself last; empty before the first.</summary>
    public IReadOnlyList<TransportLayer> Layers => Volatile.Read(ref _connection)?.Layers ?? [];

    IReadOnlyList<string> IUnderlay.WaitingAt => Volatile.Read(ref _opening)?.WaitingAt ?? [SshConnectExchange.LayerOf(Username, Endpoint)];

    /// <summary>User, host and port.</summary>
    public override string ToString() => $"{Printable.Text(Username)}@{Endpoint}";

    /// <summary>The connection, made where there is none.</summary>
    internal ValueTask<Multiplexer> LinkAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Volatile.Read(ref _connection) is { End: null } connection ? new(connection) : OpenAsync(cancellationToken);
    }

    private async ValueTask<Multiplexer> OpenAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection is { } before)
            {
                if (before.End is not { } end)
                    return before;
                if (!Options.Reconnect)
                    throw new NetworkFailure { Code = end.Code, Message = end.Message, Hint = "Connect again, or have that done (SSHClientOptions.Reconnect).", Phase = end.Phase, Endpoint = Endpoint, IsTransient = end.IsTransient }.ToException(end);
                await before.DisposeAsync().ConfigureAwait(false);
            }
            var startedAt = Options.Clock.GetTimestamp();
            var exchange = new SshConnectExchange(_dialer, Endpoint, Username, Options, _budget)
            {
                StartedAt = startedAt,
                EndsAt = Deadline.After(Options.Timeouts.Total, Options.Clock, startedAt).EndOn(Options.Clock),
            };
            _opening = exchange;
            var connection = await Operation.RunAsync(exchange, cancellationToken).ConfigureAwait(false);
            // A full fence: whoever disposes sees it, or is seen here.
            Interlocked.Exchange(ref _connection, connection);
            if (_isDisposed)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw new ObjectDisposedException(nameof(SSHClient));
            }
            return connection;
        }
        finally
        {
            _opening = null;
            _connecting.Release();
        }
    }
}
