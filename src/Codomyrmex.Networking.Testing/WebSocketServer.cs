using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Testing.Internal;
using Codomyrmex.Networking.Testing.Internal.WebSockets;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A strict WebSocket server (RFC 6455, with permessage-deflate of RFC 7692) on a loopback address or a Unix-domain socket, optionally over TLS. It sends
/// back what it gets, or does what a handler says, as badly as it is told to; what clients sent is there to be looked at. Thread-safe.
/// </summary>
public sealed class WebSocketServer : IAsyncDisposable
{
    private readonly Listener _listener;
    private readonly Queue<WebSocketHandshake> _handshakes = new();
    private readonly Queue<WebSocketServerConnection> _connections = new();
    private readonly List<Exception> _failures = [];
    private readonly Lock _lock = new();

    private WebSocketServer(Func<WebSocketServerConnection, CancellationToken, Task> handler, WebSocketServerOptions options)
    {
        Handler = handler;
        Options = options;
        Faults = new FaultList<WebSocketFault>(options.FaultSeed);
        Tls = options.Tls is null ? null : new TlsServer(options.Tls, alpn: true);
        _listener = options.UnixSocketPath is { } path
            ? Listener.Start(path, ServeAsync)
            : Listener.Start(new IPEndPoint(options.Address, options.Port), ServeAsync);
        var scheme = Tls is null ? "ws" : "wss";
        Url = new Uri(_listener.EndPoint is { } endPoint
            ? string.Create(CultureInfo.InvariantCulture, $"{scheme}://{endPoint}/")
            : $"{scheme}://localhost/");
    }

    /// <summary>The address to connect to, such as <c>ws://127.0.0.1:40123/</c>; any path is taken. <c>ws://localhost/</c> for a Unix-domain socket.</summary>
    public Uri Url { get; }

    /// <summary>The port, or 0 for a Unix-domain socket.</summary>
    public int Port => _listener.EndPoint?.Port ?? 0;

    /// <summary>How it listens, and what it agrees to.</summary>
    public WebSocketServerOptions Options { get; }

    /// <summary>How many connections it has accepted since its start, those without a handshake included.</summary>
    public int ConnectionCount => _listener.Accepted;

    /// <summary>How many connections are open now.</summary>
    public int OpenConnectionCount => _listener.Open;

    /// <summary>How many faults connections were given so far.</summary>
    public int FaultCount => Faults.Happened;

    /// <summary>The latest handshakes, the oldest first, those refused included.</summary>
    public IReadOnlyList<WebSocketHandshake> Handshakes => Copy(_handshakes);

    /// <summary>The latest connections whose handshake succeeded, the oldest first, those that are over included.</summary>
    public IReadOnlyList<WebSocketServerConnection> Connections => Copy(_connections);

    /// <summary>What clients did against the protocol, of the latest connections.</summary>
    public IReadOnlyList<string> Violations => [.. Connections.Select(static connection => connection.Violation).OfType<string>()];

    /// <summary>What handlers threw, other than the ends of connections, in order, at most a hundred; each connection was closed with 1011.</summary>
    public IReadOnlyList<Exception> Failures
    {
        get
        {
            lock (_lock)
                return [.. _failures];
        }
    }

    internal Func<WebSocketServerConnection, CancellationToken, Task> Handler { get; }

    internal FaultList<WebSocketFault> Faults { get; }

    internal TlsServer? Tls { get; }

    /// <summary>Starts a server that sends back every message.</summary>
    /// <param name="options">How it listens; by default without TLS on 127.0.0.1 and any free port.</param>
    /// <exception cref="ArgumentException">The address is not a loopback address.</exception>
    public static WebSocketServer Start(WebSocketServerOptions? options = null) => Start(EchoAsync, options);

    /// <summary>Starts a server.</summary>
    /// <param name="handler">Serves one connection; the token fires when the server is disposed of. When it returns, the connection is closed with 1000.</param>
    /// <param name="options">How it listens; by default without TLS on 127.0.0.1 and any free port.</param>
    /// <exception cref="ArgumentException">The address is not a loopback address, or a window is not between 8 and 15 bits.</exception>
    public static WebSocketServer Start(Func<WebSocketServerConnection, CancellationToken, Task> handler, WebSocketServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        options ??= new WebSocketServerOptions();
        if (options.Compression is { } compression && !(compression is { ServerMaxWindowBits: null or (>= 8 and <= 15), ClientMaxWindowBits: null or (>= 8 and <= 15) }))
            throw new ArgumentException("WebSocketServerCompression's windows have 8 to 15 bits.", nameof(options));
        if (options.FragmentBytes is <= 0)
            throw new ArgumentException("WebSocketServerOptions.FragmentBytes is at least 1.", nameof(options));
        return new WebSocketServer(handler, options);
    }

    /// <summary>Lets the server do something wrong to the connections that are made from now on.</summary>
    /// <param name="fault">What, to whom and how often.</param>
    /// <exception cref="ArgumentException">Its chance is not between 0 and 1.</exception>
    public WebSocketServer Inject(WebSocketFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        Faults.Add(fault);
        return this;
    }

    /// <summary>Lets the server do nothing wrong any more to new connections; those that have a fault keep it.</summary>
    public void ClearFaults() => Faults.Clear();

    /// <summary>Sends a text to every connection that is open.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many it was sent to.</returns>
    public Task<int> BroadcastAsync(string text, CancellationToken cancellationToken = default) =>
        BroadcastAsync(connection => connection.SendTextAsync(text, cancellationToken));

    /// <summary>Sends bytes to every connection that is open.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many they were sent to.</returns>
    public Task<int> BroadcastAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        BroadcastAsync(connection => connection.SendBinaryAsync(bytes, cancellationToken));

    /// <summary>Completes when the server has accepted this many connections since its start.</summary>
    /// <param name="count">The number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WaitForConnectionsAsync(int count, CancellationToken cancellationToken = default) =>
        _listener.WhenAcceptedAsync(count, cancellationToken);

    /// <summary>Stops accepting, breaks every connection off and waits for the handlers; one that does not heed its token is given up after five seconds.</summary>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    internal void Record(WebSocketHandshake handshake) => Keep(_handshakes, handshake);

    internal void Add(WebSocketServerConnection connection) => Keep(_connections, connection);

    internal void RecordFailure(Exception error)
    {
        lock (_lock)
        {
            if (_failures.Count < 100)
                _failures.Add(error);
        }
    }

    private static async Task EchoAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        while (await connection.ReceiveAsync(cancellationToken).ConfigureAwait(false) is { } message)
            await connection.SendAsync(message, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> BroadcastAsync(Func<WebSocketServerConnection, Task> send)
    {
        var results = await Task.WhenAll(Connections.Where(static connection => connection.IsOpen).Select(TryAsync)).ConfigureAwait(false);
        return results.Count(static sent => sent);

        async Task<bool> TryAsync(WebSocketServerConnection connection)
        {
            try
            {
                await send(connection).ConfigureAwait(false);
                return true;
            }
            catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
            {
                return false; // It ended meanwhile.
            }
        }
    }

    private T[] Copy<T>(Queue<T> queue)
    {
        lock (_lock)
            return [.. queue];
    }

    private void Keep<T>(Queue<T> queue, T latest)
    {
        if (Options.RecordedConnections == 0)
            return;
        lock (_lock)
        {
            if (queue.Count == Options.RecordedConnections)
                queue.Dequeue();
            queue.Enqueue(latest);
        }
    }

    private Task ServeAsync(Socket socket, int number, CancellationToken stopping) => new WebSocketSession(this, socket, number, stopping).RunAsync();
}
