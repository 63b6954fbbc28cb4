using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A peer on a loopback address that plays a script of bytes on each connection: malformed answers, stalls, resets, garbage instead of
/// TLS. When the script returns, the connection is closed. Thread-safe.
/// </summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Listener _listener;
    private readonly Func<ScriptedConnection, CancellationToken, Task> _script;
    private readonly ScriptedServerOptions _options;
    private readonly TlsServer? _tls;
    private readonly List<Exception> _failures = [];
    private readonly Lock _lock = new();

    private ScriptedServer(Func<ScriptedConnection, CancellationToken, Task> script, ScriptedServerOptions options)
    {
        _script = script;
        _options = options;
        _tls = options.Tls is null ? null : new TlsServer(options.Tls, alpn: false);
        _listener = Listener.Start(new IPEndPoint(options.Address, options.Port), ServeAsync);
    }

    /// <summary>The address and port.</summary>
    public IPEndPoint EndPoint => _listener.EndPoint!;

    /// <summary>The port.</summary>
    public int Port => EndPoint.Port;

    /// <summary>The address as a URL: <c>https</c> where the options hold TLS, <c>http</c> otherwise.</summary>
    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"{(_tls is null ? "http" : "https")}://{EndPoint}/"));

    /// <summary>How many connections it has accepted.</summary>
    public int ConnectionCount => _listener.Accepted;

    /// <summary>How many connections are open now.</summary>
    public int OpenConnectionCount => _listener.Open;

    /// <summary>What scripts threw, other than the ends of connections and of the server.</summary>
    public IReadOnlyList<Exception> Failures
    {
        get
        {
            lock (_lock)
                return [.. _failures];
        }
    }

    /// <summary>Starts a server.</summary>
    /// <param name="script">Plays one connection, whose operations end when the server is disposed of.</param>
    /// <param name="options">How it listens; by default without TLS on 127.0.0.1 and any free port.</param>
    /// <exception cref="ArgumentException">The address is not a loopback address.</exception>
    public static ScriptedServer Start(Func<ScriptedConnection, Task> script, ScriptedServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        return Start((connection, _) => script(connection), options);
    }

    /// <summary>Starts a server whose script waits for other things than its connection.</summary>
    /// <param name="script">Plays one connection; the token fires when the server is disposed of.</param>
    /// <param name="options">How it listens; by default without TLS on 127.0.0.1 and any free port.</param>
    /// <exception cref="ArgumentException">The address is not a loopback address.</exception>
    public static ScriptedServer Start(Func<ScriptedConnection, CancellationToken, Task> script, ScriptedServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        return new ScriptedServer(script, options ?? new ScriptedServerOptions());
    }

    /// <summary>Completes when the server has accepted this many connections since its start.</summary>
    /// <param name="count">The number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WaitForConnectionsAsync(int count, CancellationToken cancellationToken = default) =>
        _listener.WhenAcceptedAsync(count, cancellationToken);

    /// <summary>Stops accepting, closes every connection and waits for the scripts; one that heeds neither is given up after five seconds.</summary>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(Socket socket, int number, CancellationToken stopping)
    {
        var connection = new ScriptedConnection(socket, number - 1, _options.TimeProvider);
        try
        {
            if (_tls is not null)
                await connection.AuthenticateAsync(_tls, stopping).ConfigureAwait(false);
            await _script(connection, stopping).ConfigureAwait(false);
            await connection.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException))
        {
            lock (_lock)
                _failures.Add(error);
        }
        catch (AuthenticationException)
        {
            // The client turned our certificate down, often the point of the test, or we turned it down.
            await SocketEnd.LingerAsync(socket, stopping).ConfigureAwait(false);
        }
        finally
        {
            await connection.DisposeStreamAsync().ConfigureAwait(false);
        }
    }
}
