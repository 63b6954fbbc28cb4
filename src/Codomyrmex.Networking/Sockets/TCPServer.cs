using System.Net;
using System.Threading.Channels;
using Codomyrmex.Networking.Sockets.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets;

/// <summary>
/// A TCP server: accepts connections, holds them to its limits, and runs a handler for each, until it is stopped. Thread-safe.
/// </summary>
/// <remarks>
/// Accepting goes on whatever happens: descriptors that run out, peers that leave before they were accepted, failed handshakes, exceptions of handlers. All
/// of that is counted (<see cref="GetStatistics"/>), measured and logged.
/// </remarks>
public sealed class TCPServer : IAsyncDisposable
{
    private readonly ServerLoop _loop;
    private readonly List<Listener> _listeners = [];
    private readonly Lock _lock = new();
    private Task[] _accepting = [];
    private bool _isStarted;

    /// <summary>Makes a server; it does not listen yet.</summary>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is wrong; its name is in the message.</exception>
    public TCPServer(TCPServerOptions? options = null)
    {
        Options = options ?? new TCPServerOptions();
        Options.Validate();
        _loop = new ServerLoop(Options);
    }

    /// <summary>Its settings.</summary>
    public TCPServerOptions Options { get; }

    /// <summary>Where it listens, in the order of <see cref="TCPServerOptions.EndPoints"/> and with the ports that the system chose; empty before it was started.</summary>
    public IReadOnlyList<EndPoint> EndPoints
    {
        get
        {
            lock (_lock)
                return [.. _listeners.Select(static listener => listener.EndPoint)];
        }
    }

    /// <summary>The port it listens on, of the first IP address.</summary>
    /// <exception cref="InvalidOperationException">It listens on none.</exception>
    public int Port => EndPoints.OfType<IPEndPoint>().FirstOrDefault()?.Port ?? throw new InvalidOperationException("The server listens on no port.");

    /// <summary>The connections that are open now.</summary>
    public IReadOnlyList<TCPConnection> Connections => _loop.Connections;

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="handler">Serves one connection, which is closed when it returns; see <see cref="Start(Func{TCPConnection, CancellationToken, Task})"/>.</param>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ConnectionException"><c>local.address</c>: it cannot listen there.</exception>
    public static TCPServer Start(Func<TCPConnection, CancellationToken, Task> handler, TCPServerOptions? options = null)
    {
        var server = new TCPServer(options);
        server.Start(handler);
        return server;
    }

    /// <summary>Listens, and runs a handler for every connection.</summary>
    /// <param name="handler">
    /// Serves one connection. When it returns, the connection is ended in an orderly way; when it throws, it is reset. The token fires when the server
    /// will wait no longer.
    /// </param>
    /// <exception cref="ConnectionException"><c>local.address</c>: it cannot listen there. Then it listens nowhere.</exception>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public void Start(Func<TCPConnection, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_lock)
        {
            if (_isStarted)
                throw new InvalidOperationException("A server is started once.");
            _isStarted = true;
            _loop.Handler = handler;
            try
            {
                foreach (var endPoint in Options.EndPoints)
                    _listeners.Add(Listener.Open(endPoint, Options.Limits.Backlog, Options.DualStack, Options.Tuning));
            }
            catch
            {
                _listeners.ForEach(static listener => listener.Dispose());
                _listeners.Clear();
                throw;
            }
            // What the starter was doing (its span, its locals) is none of the connections'.
            using (ExecutionContext.SuppressFlow())
                _accepting = [.. _listeners.Select(listener => Task.Run(() => _loop.AcceptAsync(listener)))];
        }
    }

    /// <summary>
    /// Listens, and gives out the connections, to be served and disposed by the caller. Those that nobody has asked for yet wait with their handshakes
    /// done. Ends when the server is stopped.
    /// </summary>
    /// <param name="cancellationToken">Ends the sequence; the server goes on.</param>
    /// <inheritdoc cref="Start(Func{TCPConnection, CancellationToken, Task})" path="/exception"/>
    public IAsyncEnumerable<TCPConnection> AcceptAllAsync(CancellationToken cancellationToken = default)
    {
        var accepted = Channel.CreateUnbounded<TCPConnection>();
        _loop.Stopped = () => accepted.Writer.TryComplete();
        Start((connection, stopping) =>
        {
            var disposed = connection.WhenDisposed;
            // Their number is bounded by the limit of connections.
            return accepted.Writer.TryWrite(connection) ? disposed.WaitAsync(stopping) : Task.CompletedTask;
        });
        return accepted.Reader.ReadAllAsync(cancellationToken);
    }

    /// <summary>
    /// Serves a stream as if it had been accepted: a tunnel, a pipe, one end of an in-memory pair. TLS, limits and stopping are the same. TLS that runs on
    /// the stream already is the caller's, its word of goodbye included.
    /// </summary>
    /// <param name="stream">The stream; the server disposes it.</param>
    /// <param name="remote">Who is at its other end, where that is known.</param>
    /// <exception cref="InvalidOperationException">The server was not started, or is being stopped.</exception>
    public void Serve(Stream stream, EndPoint? remote = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!_isStarted || _loop.IsStopping)
            throw new InvalidOperationException("The server does not run.");
        _loop.Serve(new WireEnd(stream), remote);
    }

    /// <summary>Closes the listening sockets, and their files of Unix-domain sockets: nobody comes in any more, the connections go on.</summary>
    public async Task StopListeningAsync()
    {
        Listener[] listeners;
        lock (_lock)
            listeners = [.. _listeners];
        _loop.StopAccepting();
        foreach (var listener in listeners)
            listener.Dispose();
        await Task.WhenAll(_accepting).ConfigureAwait(false);
    }

    /// <summary>
    /// Stops the server: it no longer listens; every connection still gives out the frames that have arrived, then the end, as if its peer had ended it; handlers
    /// that return in time end in an orderly way. Then whatever is left is broken off.
    /// </summary>
    /// <param name="drain">How long to wait for handlers; <see cref="TimeSpan.Zero"/> not at all.</param>
    /// <param name="cancellationToken">Cuts the wait short.</param>
    /// <returns>The number of connections that had to be broken off.</returns>
    public async Task<int> StopAsync(TimeSpan drain, CancellationToken cancellationToken = default)
    {
        await StopListeningAsync().ConfigureAwait(false);
        return await _loop.StopAsync(drain, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What it has done so far.</summary>
    public TCPServerStatistics GetStatistics() => _loop.Statistics;

    /// <summary>Stops without waiting for handlers to finish their work.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
}
