using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A small and strict HTTP/1.1 server (RFC 9112) on a loopback address or a Unix-domain socket, optionally over TLS. Map handlers, send
/// requests to <see cref="Url"/>, then look at <see cref="Requests"/>. Requests with an ambiguous framing are refused with 400 and
/// the connection is closed. Thread-safe.
/// </summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly Listener _listener;
    private readonly Queue<RecordedRequest> _requests = new();
    private readonly List<Exception> _failures = [];
    private readonly Lock _lock = new();
    private RouteTable _routes = RouteTable.Empty;
    private int _handshakeFailures;

    private LoopbackServer(LoopbackServerOptions options)
    {
        Options = options;
        Date = new DateHeader(options.TimeProvider);
        Faults = new FaultList<Fault>(options.FaultSeed);
        Tls = options.Tls is null ? null : new TlsServer(options.Tls, alpn: true);
        _listener = options.UnixSocketPath is { } path
            ? Listener.Start(path, ServeAsync)
            : Listener.Start(new IPEndPoint(options.Address, options.Port), ServeAsync);
        var scheme = Tls is null ? "http" : "https";
        Url = new Uri(_listener.EndPoint is { } endPoint
            ? string.Create(CultureInfo.InvariantCulture, $"{scheme}://{endPoint}/")
            : $"{scheme}://localhost/");
    }

    /// <summary>The address to send requests to, such as <c>http://127.0.0.1:40123/</c>; <c>http://localhost/</c> for a Unix-domain socket.</summary>
    public Uri Url { get; }

    /// <summary>The port, or 0 for a Unix-domain socket.</summary>
    public int Port => _listener.EndPoint?.Port ?? 0;

    /// <summary>How it listens.</summary>
    public LoopbackServerOptions Options { get; }

    /// <summary>How many connections it has accepted since its start.</summary>
    public int ConnectionCount => _listener.Accepted;

    /// <summary>How many connections are open now.</summary>
    public int OpenConnectionCount => _listener.Open;

    /// <summary>How many TLS handshakes failed, on whichever side.</summary>
    public int HandshakeFailureCount => Volatile.Read(ref _handshakeFailures);

    /// <summary>How many faults have happened.</summary>
    public int FaultCount => Faults.Happened;

    /// <summary>The latest requests, the oldest first.</summary>
    public IReadOnlyList<RecordedRequest> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    /// <summary>What handlers threw, in order, at most a hundred; each was answered with 500, or with an abort where the answer had begun.</summary>
    public IReadOnlyList<Exception> Failures
    {
        get
        {
            lock (_lock)
                return [.. _failures];
        }
    }

    internal RouteTable Routes => Volatile.Read(ref _routes);

    internal DateHeader Date { get; }

    internal FaultList<Fault> Faults { get; }

    internal TlsServer? Tls { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="options">How it listens; by default plain HTTP on 127.0.0.1 and any free port.</param>
    /// <exception cref="ArgumentException">The address is not a loopback address.</exception>
    public static LoopbackServer Start(LoopbackServerOptions? options = null) => new(options ?? new LoopbackServerOptions());

    /// <summary>
    /// Answers a method and a path with a handler. A later mapping beats an earlier one, an exact path beats a pattern, and GET also
    /// answers HEAD. Handlers run concurrently.
    /// </summary>
    /// <param name="method">The method, or <c>*</c> for any.</param>
    /// <param name="path">The path; a segment <c>{name}</c> matches anything, a last segment <c>{**name}</c> the rest.</param>
    /// <param name="handler">Reads the request and answers it once.</param>
    public LoopbackServer Map(string method, string path, Func<LoopbackExchange, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(new Route(method, path, handler, null));
    }

    /// <summary>Answers a method and a path with the same bytes each time: the fastest way, meant for benchmarks.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The exact path.</param>
    /// <param name="body">The body.</param>
    /// <param name="contentType">The media type; null sends none.</param>
    /// <param name="status">The status.</param>
    /// <param name="headers">More header fields.</param>
    public LoopbackServer MapStatic(
        string method, string path, ReadOnlyMemory<byte> body, string? contentType = "text/plain; charset=utf-8", int status = 200,
        IEnumerable<KeyValuePair<string, string>>? headers = null)
    {
        if (path.Contains('{', StringComparison.Ordinal))
            throw new ArgumentException("A static answer has an exact path.", nameof(path));
        return Add(new Route(method, path, null, new StaticResponse(status, body, contentType, headers)));
    }

    /// <summary>
    /// Lets the server do something wrong from now on. Of several faults that fit a request or a connection, the one injected first happens; one whose
    /// <see cref="Fault.Times"/> are over, or that chance spares, makes room for the next.
    /// </summary>
    /// <param name="fault">What, for whom and how often.</param>
    /// <exception cref="ArgumentException">It is a fault of TLS, and the server speaks none; or its chance is not between 0 and 1.</exception>
    public LoopbackServer Inject(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        if (fault.Kind is FaultKind.Certificate or FaultKind.Garbage && (Tls is null || !fault.AtConnection))
            throw new ArgumentException("A fault of TLS comes when a connection is opened, and needs a server with LoopbackServerOptions.Tls.", nameof(fault));
        Faults.Add(fault);
        return this;
    }

    /// <summary>Lets the server do nothing wrong any more. Faults under way end as they would.</summary>
    public void ClearFaults() => Faults.Clear();

    /// <summary>Completes when the server has accepted this many connections since its start.</summary>
    /// <param name="count">The number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WaitForConnectionsAsync(int count, CancellationToken cancellationToken = default) =>
        _listener.WhenAcceptedAsync(count, cancellationToken);

    /// <summary>
    /// Stops accepting, cancels <see cref="LoopbackExchange.Aborted"/>, closes every connection and waits for the handlers; a handler that
    /// heeds neither is given up after five seconds.
    /// </summary>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    internal void Record(RequestHead head, int connectionNumber)
    {
        lock (_lock)
        {
            if (_requests.Count == Options.RecordedRequests)
                _requests.Dequeue();
            _requests.Enqueue(new RecordedRequest(head, connectionNumber));
        }
    }

    internal void RecordFailure(Exception error)
    {
        lock (_lock)
        {
            if (_failures.Count < 100)
                _failures.Add(error);
        }
    }

    internal void RecordHandshakeFailure() => Interlocked.Increment(ref _handshakeFailures);

    private LoopbackServer Add(Route route)
    {
        ArgumentException.ThrowIfNullOrEmpty(route.Method);
        if (!route.Pattern.StartsWith('/') && route.Pattern != "*")
            throw new ArgumentException("A path starts with a slash.", nameof(route));
        lock (_lock)
            Volatile.Write(ref _routes, _routes.With(route));
        return this;
    }

    private Task ServeAsync(Socket socket, int number, CancellationToken stopping) => new HttpConnection(this, socket, number, stopping).RunAsync();
}
