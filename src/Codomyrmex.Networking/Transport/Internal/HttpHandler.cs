using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Text;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The platform's HTTP engine on our connections: one for each set of transport settings, shared by clients.</summary>
internal sealed class HttpHandler : IDisposable
{
    private static readonly SslApplicationProtocol[] Http11Only = [SslApplicationProtocol.Http11];
    private static readonly SslApplicationProtocol[] Http2First = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private static long _lastId;

    private readonly ConcurrentDictionary<(string Host, int Port), DialedStream> _http2 = new();
    private readonly HttpMessageInvoker _invoker;
    private readonly int _headerBytes;
    private readonly HttpMessageHandler? _foreign;
    private volatile bool _hasHttp2;

    public HttpHandler(TransportOptions options, int headerBytes, PoolLedger ledger, TimeProvider clock)
    {
        Options = options;
        Ledger = ledger;
        _headerBytes = headerBytes;
        var http2 = options.Pool.Http2;
        Dialer = new Dialer(options, clock);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // What we do ourselves, with our limits and rules, is switched off below.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = ConnectAsync,
            UseProxy = PlainHttpProxy is not null,
            Proxy = PlainHttpProxy,
            MaxConnectionsPerServer = options.Pool.MaxConnectionsPerHost,
            PooledConnectionLifetime = options.Pool.Lifetime,
            PooledConnectionIdleTimeout = options.Pool.IdleTimeout,
            MaxResponseHeadersLength = Math.Max(1, headerBytes / 1024),
            MaxResponseDrainSize = 64 * 1024,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            EnableMultipleHttp2Connections = http2.MultipleConnections,
            InitialHttp2StreamWindowSize = http2.InitialStreamWindow,
            KeepAlivePingDelay = http2.PingDelay,
            KeepAlivePingTimeout = http2.PingTimeout,
            KeepAlivePingPolicy = http2.PingWhenIdle ? HttpKeepAlivePingPolicy.Always : HttpKeepAlivePingPolicy.WithActiveRequests,
            // Field values are checked to be Latin-1 before; what a server sends is shown as it came.
            RequestHeaderEncodingSelector = static (_, request) => WireRequest.IsBeingWritten(request, Encoding.Latin1),
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        });
    }

    /// <summary>A handler of the caller's in the engine's place: nothing of ours opens a connection then.</summary>
    public HttpHandler(TransportOptions options, HttpMessageHandler foreign, PoolLedger ledger, TimeProvider clock)
    {
        Options = options;
        Ledger = ledger;
        Dialer = new Dialer(options, clock);
        _invoker = new HttpMessageInvoker(foreign, disposeHandler: false);
        _foreign = foreign;
    }

    public TransportOptions Options { get; }

    /// <summary>Whom it reaches and believes, for somebody who keeps what came through it.</summary>
    public string Identity => field ??= TransportIdentity.Of(Options, _foreign);

    /// <summary>Another number for each handler of the process.</summary>
    public long Id { get; } = Interlocked.Increment(ref _lastId);

    /// <summary>The handler of the same settings without a proxy, where this one stands for one proxy of a pool.</summary>
    public HttpHandler? Direct { get; set; }

    /// <summary>The counters of all handlers of the pool.</summary>
    public PoolLedger Ledger { get; }

    /// <summary>Whether a handler of the caller's sends in the engine's place.</summary>
    public bool IsForeign => _foreign is not null;

    public Dialer Dialer { get; }

    /// <summary>The connection that HTTP/2 requests to an origin share, where there is one.</summary>
    public DialedStream? Http2Connection(Uri url) => _hasHttp2 && _http2.GetValueOrDefault((url.IdnHost, url.Port)) is { IsClosed: false } open ? open : null;

    /// <summary>Whether a request is sent to a proxy in absolute form.</summary>
    public bool SendsToProxy(Uri url) => !IsForeign && PlainHttpProxy is not null && !PlainHttpProxy.IsBypassed(url);

    // Not asynchronous: what it sets must flow to the connection that the engine picks.
    public Task<HttpResponseMessage> SendAsync(WireRequest request, CancellationToken cancellationToken)
    {
        var shared = request.Version.Major >= 2 ? Http2Connection(request.RequestUri!) : null;
        if (shared is not null)
            request.Share(shared);
        // No connection will tell that it has left: many share one (HTTP/2), or it is not one of ours (QUIC, a foreign handler's).
        if (shared is not null || IsForeign || request.Version.Major == 3)
            request.AwaitFirstByte();
        request.Begin(IsForeign);
        return _invoker.SendAsync(request, cancellationToken);
    }

    public void Dispose() => _invoker.Dispose();

    private IWebProxy? PlainHttpProxy => field ??= Options.Proxy is { Kind: ProxyKind.Http or ProxyKind.Https } ? new AbsoluteFormProxy(this) : null;

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var request = context.InitialRequestMessage;
        var url = request.RequestUri!;
        var useTls = url.Scheme is "https" or "wss";
        var target = new DialTarget(Endpoint.Of(url), url.Scheme, useTls,
            request.Version.Major >= 2 ? Http2First : Http11Only, StopAtProxy: !useTls && SendsToProxy(url));
        var trace = new DialTrace(target.Endpoint, Dialer.Clock);
        var wire = request as WireRequest;
        wire?.Dial = trace;
        wire?.Budget?.SpendConnection(target.Endpoint);
        var stream = await Dialer.DialAsync(target, wire?.Timeouts ?? Timeouts.Default, trace, cancellationToken).ConfigureAwait(false);
        Ledger.Opened(trace.Stream!);
        if (stream is SslStream tls ? tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2 : request.Version.Major == 2)
        {
            RememberHttp2(url, trace);
            wire?.Share(trace.Stream!);
            wire?.AwaitFirstByte();
        }
        else
        {
            trace.Stream!.IntroducesItself = true;
            trace.Stream.HeadLimit = _headerBytes;
        }
        return stream;
    }

    private void RememberHttp2(Uri url, DialTrace trace)
    {
        if (_http2.Count > 1024)
            _http2.Clear();
        _http2[(url.IdnHost, url.Port)] = trace.Stream!;
        // Asked for with every request: an empty dictionary takes all of its locks to say so.
        _hasHttp2 = true;
    }

    /// <summary>Sends plain http to the proxy as it is; https gets a tunnel from the dialer instead.</summary>
    private sealed class AbsoluteFormProxy(HttpHandler owner) : IWebProxy
    {
        // The scheme is http even for an https proxy: TLS to it is the dialer's work.
        private readonly Uri _proxy = new($"http://{UrlAuthority.Of(owner.Options.Proxy!.Host, owner.Options.Proxy.Port)}");

        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : _proxy;

        public bool IsBypassed(Uri host) => host.Scheme != "http" || !owner.Dialer.UsesProxy(host.IdnHost, host.Port);
    }
}
