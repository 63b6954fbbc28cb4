namespace Codomyrmex.Networking;

/// <summary>The stable error codes. More may be added, none is renamed. <see cref="All"/> is the list that the documentation is made from.</summary>
public static partial class ErrorCodes
{
    /// <summary>The name does not exist, or has no address of the family asked for.</summary>
    public const string DnsNotFound = "dns.not_found";

    /// <summary>The name server answered with a failure or could not be reached.</summary>
    public const string DnsServerFailure = "dns.server_failure";

    /// <summary>The name server did not answer in time.</summary>
    public const string DnsTimeout = "dns.timeout";

    /// <summary>Nothing listens on that port, or a firewall answered with a reset.</summary>
    public const string TcpRefused = "tcp.refused";

    /// <summary>The peer broke the connection.</summary>
    public const string TcpReset = "tcp.reset";

    /// <summary>There is no route to the address.</summary>
    public const string TcpUnreachable = "tcp.unreachable";

    /// <summary>The peer closed the connection before its answer was complete.</summary>
    public const string TcpClosedEarly = "tcp.closed_early";

    /// <summary>The peer sent a larger frame than the limit allows.</summary>
    public const string TcpFrameTooLarge = "tcp.frame_too_large";

    /// <summary>The peer sent what is no frame, or a frame that does not hold what was expected.</summary>
    public const string TcpFrameMalformed = "tcp.frame_malformed";

    /// <summary>The peer sends less than the minimum rate.</summary>
    public const string TcpTooSlow = "tcp.too_slow";

    /// <summary>Nothing takes datagrams on that port: the peer's system said so (ICMP port unreachable).</summary>
    public const string UdpRefused = "udp.refused";

    /// <summary>There is no way to the address for datagrams: a router or this machine said so.</summary>
    public const string UdpUnreachable = "udp.unreachable";

    /// <summary>The datagram is larger than its protocol, its path or a limit allows.</summary>
    public const string UdpTooLarge = "udp.too_large";

    /// <summary>This process has no file descriptors left.</summary>
    public const string LocalDescriptors = "local.descriptors";

    /// <summary>This machine has no local port left for that destination.</summary>
    public const string LocalPorts = "local.ports";

    /// <summary>The local address to bind to, or the socket path, cannot be used.</summary>
    public const string LocalAddress = "local.address";

    /// <summary>Reading or writing something local failed (a body's source, a file).</summary>
    public const string LocalIo = "local.io";

    /// <summary>The file to write exists, and may not be replaced.</summary>
    public const string LocalExists = "local.exists";

    /// <summary>Name resolution took longer than Timeouts.Resolve.</summary>
    public const string TimeoutResolve = "timeout.resolve";

    /// <summary>No address accepted a connection within Timeouts.Connect.</summary>
    public const string TimeoutConnect = "timeout.connect";

    /// <summary>The TLS handshake took longer than Timeouts.Tls.</summary>
    public const string TimeoutTls = "timeout.tls";

    /// <summary>The answer did not begin within Timeouts.FirstByte.</summary>
    public const string TimeoutFirstByte = "timeout.first_byte";

    /// <summary>No byte arrived for Timeouts.Idle.</summary>
    public const string TimeoutIdle = "timeout.idle";

    /// <summary>The total deadline passed.</summary>
    public const string TimeoutTotal = "timeout.total";

    /// <summary>The server's certificate has expired.</summary>
    public const string TlsExpired = "tls.expired";

    /// <summary>The server's certificate is not valid yet.</summary>
    public const string TlsNotYetValid = "tls.not_yet_valid";

    /// <summary>The server's certificate is for another name.</summary>
    public const string TlsNameMismatch = "tls.name_mismatch";

    /// <summary>No trusted root vouches for the server's certificate.</summary>
    public const string TlsUntrusted = "tls.untrusted";

    /// <summary>The server's certificate has been revoked.</summary>
    public const string TlsRevoked = "tls.revoked";

    /// <summary>The server's certificate uses a weak key or signature.</summary>
    public const string TlsWeak = "tls.weak";

    /// <summary>No certificate in the server's chain matches a pinned key.</summary>
    public const string TlsPin = "tls.pin";

    /// <summary>The server requires a client certificate that it accepts.</summary>
    public const string TlsClientCertificateRequired = "tls.client_certificate_required";

    /// <summary>The two sides share no TLS version or cipher, or the peer does not speak TLS.</summary>
    public const string TlsProtocol = "tls.protocol";

    /// <summary>The peer closed the connection during the TLS handshake.</summary>
    public const string TlsClosedEarly = "tls.closed_early";

    /// <summary>The server's answer breaks the HTTP protocol.</summary>
    public const string HttpMalformed = "http.malformed";

    /// <summary>The body ended before its declared length or its final chunk.</summary>
    public const string HttpTruncated = "http.truncated";

    /// <summary>The answer is larger than a limit allows.</summary>
    public const string HttpTooLarge = "http.too_large";

    /// <summary>The body's content coding or its JSON could not be decoded.</summary>
    public const string HttpDecode = "http.decode";

    /// <summary>The redirects loop, or are more than allowed.</summary>
    public const string HttpTooManyRedirects = "http.too_many_redirects";

    /// <summary>A redirect leads where the client will not follow.</summary>
    public const string HttpRedirectRefused = "http.redirect_refused";

    /// <summary>The status is one that the caller treats as failure.</summary>
    public const string HttpStatus = "http.status";

    /// <summary>A credential could not be obtained, applied or confirmed.</summary>
    public const string HttpAuthentication = "http.authentication";

    /// <summary>The HTTP version asked for cannot be spoken here.</summary>
    public const string HttpVersionUnavailable = "http.version_unavailable";

    /// <summary>A stream ended without its terminal event.</summary>
    public const string HttpStreamTruncated = "http.stream_truncated";

    /// <summary>A transferred file has another size or hash than it must have.</summary>
    public const string TransferMismatch = "transfer.mismatch";

    /// <summary>The remote file changed again and again while it was fetched.</summary>
    public const string TransferChanged = "transfer.changed";

    /// <summary>An operation that a service went on with after it had answered has failed there.</summary>
    public const string HttpOperationFailed = "http.operation_failed";

    /// <summary>The pages of a list lead in a circle, to another origin, or beyond the limit.</summary>
    public const string HttpPages = "http.pages";

    /// <summary>The server, or a limiter, asks for a longer wait than allowed.</summary>
    public const string RateLimited = "rate.limited";

    /// <summary>Too many callers wait for the same host already.</summary>
    public const string RateQueueFull = "rate.queue_full";

    /// <summary>The circuit breaker of the host is open: it failed too often of late.</summary>
    public const string RateCircuitOpen = "rate.circuit_open";

    /// <summary>The store of the limits that processes share cannot be reached.</summary>
    public const string RateStoreUnavailable = "rate.store_unavailable";

    /// <summary>The budget's requests are spent.</summary>
    public const string BudgetRequests = "budget.requests";

    /// <summary>The budget's connections are spent.</summary>
    public const string BudgetConnections = "budget.connections";

    /// <summary>The budget's bytes are spent.</summary>
    public const string BudgetBytes = "budget.bytes";

    /// <summary>The budget's time is spent.</summary>
    public const string BudgetTime = "budget.time";

    /// <summary>The budget's hosts are spent.</summary>
    public const string BudgetHosts = "budget.hosts";

    /// <summary>The proxy could not be reached, or would not connect to the target.</summary>
    public const string ProxyRefused = "proxy.refused";

    /// <summary>The proxy wants other credentials.</summary>
    public const string ProxyAuthentication = "proxy.authentication";

    /// <summary>The proxy's answer breaks its protocol.</summary>
    public const string ProxyProtocol = "proxy.protocol";

    /// <summary>Every proxy of the pool cools down or is retired.</summary>
    public const string ProxyExhausted = "proxy.exhausted";

    /// <summary>The server refused the WebSocket handshake.</summary>
    public const string WsHandshake = "ws.handshake";

    /// <summary>The peer broke the WebSocket protocol.</summary>
    public const string WsProtocol = "ws.protocol";

    /// <summary>A message or frame is larger than a limit allows.</summary>
    public const string WsTooLarge = "ws.too_large";

    /// <summary>The connection closed without a proper close.</summary>
    public const string WsClosedAbnormally = "ws.closed_abnormally";

    /// <summary>The WebSocket is closed: nothing can be sent any more.</summary>
    public const string WsClosed = "ws.closed";

    /// <summary>The send queue of the WebSocket is full.</summary>
    public const string WsQueueFull = "ws.queue_full";

    /// <summary>The egress policy denied the target.</summary>
    public const string PolicyDenied = "policy.denied";

    /// <summary>The site's robots.txt asks programs not to fetch it (RFC 9309).</summary>
    public const string PolicyRobots = "policy.robots";

    /// <summary>Every code with its exception, whether it is transient, what it means and what to try.</summary>
    public static IReadOnlyList<ErrorCodeInfo> All { get; } =
    [
        new(DnsNotFound, typeof(DNSResolutionException), false,
            "The name does not exist, or has no address of the family asked for.",
            "Check the spelling of the host, and that this machine's resolver knows the zone."),
        new(DnsServerFailure, typeof(DNSResolutionException), true,
            "The name server answered with a failure or could not be reached.",
            "Try again, or name another DNS server."),
        new(DnsTimeout, typeof(DNSResolutionException), true,
            "The name server did not answer in time.",
            "Try again, or name another DNS server."),
        new(TcpRefused, typeof(ConnectionException), true,
            "Nothing listens on that port, or a firewall answered with a reset.",
            "Check that the server runs and that the port is right."),
        new(TcpReset, typeof(ConnectionException), true,
            "The peer broke the connection.",
            "Try again if repeating is safe; the peer's log may say why."),
        new(TcpUnreachable, typeof(ConnectionException), true,
            "There is no route to the address.",
            "Check the network, the address family and the routes."),
        new(TcpClosedEarly, typeof(ConnectionException), true,
            "The peer closed the connection before its answer was complete.",
            "Try again if repeating is safe; the peer may limit connections or requests."),
        new(TcpFrameTooLarge, typeof(ConnectionException), false,
            "The peer sent a larger frame than the limit allows.",
            "Allow larger frames, if such are right (MaxFrameBytes, --max-frame); else check that both sides frame alike."),
        new(TcpFrameMalformed, typeof(ConnectionException), false,
            "The peer sent what is no frame, or a frame that does not hold what was expected.",
            "Check that both sides frame alike and speak the same protocol."),
        new(TcpTooSlow, typeof(ConnectionException), true,
            "The peer sends less than the minimum rate.",
            "Allow slower peers (MinimumRate) if this one is honest."),
        new(UdpRefused, typeof(ConnectionException), true, "Nothing takes datagrams on that port: the peer's system said so (ICMP port unreachable).",
            "Check that the server runs and that the port is right."),
        new(UdpUnreachable, typeof(ConnectionException), true, "There is no way to the address for datagrams: a router or this machine said so.",
            "Check the network, the address family and the routes."),
        new(UdpTooLarge, typeof(ConnectionException), false, "The datagram is larger than its protocol, its path or a limit allows.",
            "Send less in one datagram; the message names the limit."),
        new(LocalDescriptors, typeof(ConnectionException), true,
            "This process has no file descriptors left.",
            "Dispose responses and clients, or raise the limit (ulimit -n)."),
        new(LocalPorts, typeof(ConnectionException), true,
            "This machine has no local port left for that destination.",
            "Reuse connections, or wait until closed ones have left TIME_WAIT."),
        new(LocalAddress, typeof(ConnectionException), false,
            "The local address to bind to, or the socket path, cannot be used.",
            "Check the address or path; where it is in use, 'ss -ltnp' says who has it, and port 0 is a free one."),
        new(LocalIo, typeof(NetworkException), false,
            "Reading or writing something local failed (a body's source, a file).",
            "See the inner exception; the network is not the cause."),
        new(LocalExists, typeof(NetworkException), false,
            "The file to write exists, and may not be replaced.",
            "Name another file, or allow it to be replaced (Overwrite, --overwrite)."),
        new(TimeoutResolve, typeof(NetworkTimeoutException), true,
            "Name resolution took longer than allowed.",
            "Check the resolver, or allow more time (Timeouts.Resolve)."),
        new(TimeoutConnect, typeof(NetworkTimeoutException), true,
            "No address accepted a connection in time.",
            "A firewall may drop packets; check the port, or allow more time (Timeouts.Connect, --connect-timeout)."),
        new(TimeoutTls, typeof(NetworkTimeoutException), true,
            "The TLS handshake took longer than allowed.",
            "The port may not speak TLS; check it, or allow more time (Timeouts.Tls)."),
        new(TimeoutFirstByte, typeof(NetworkTimeoutException), true,
            "The answer did not begin in time.",
            "The server is slow or stuck; allow more time if that is expected (Timeouts.FirstByte)."),
        new(TimeoutIdle, typeof(NetworkTimeoutException), true,
            "No byte arrived for too long.",
            "The connection stalled; try again, or allow more time (Timeouts.Idle, --idle-timeout)."),
        new(TimeoutTotal, typeof(NetworkTimeoutException), true,
            "The total deadline passed.",
            "The message says where the time went; allow more (Timeouts.Total, --timeout), or make that part faster."),
        new(TlsExpired, typeof(SSLException), false,
            "The server's certificate has expired.",
            "Ask the server's operator to renew it; check this machine's clock."),
        new(TlsNotYetValid, typeof(SSLException), false,
            "The server's certificate is not valid yet.",
            "Check this machine's clock."),
        new(TlsNameMismatch, typeof(SSLException), false,
            "The server's certificate is for another name.",
            "Connect by a name that the certificate lists, or set the expected server name."),
        new(TlsUntrusted, typeof(SSLException), false,
            "No trusted root vouches for the server's certificate.",
            "Add the right root (TrustedRoots, --cacert); the server may also omit an intermediate."),
        new(TlsRevoked, typeof(SSLException), false,
            "The server's certificate has been revoked.",
            "Do not connect; tell the server's operator."),
        new(TlsWeak, typeof(SSLException), false,
            "The server's certificate uses a weak key or signature.",
            "Ask the server's operator for a certificate with at least RSA 2048 or P-256 and SHA-256."),
        new(TlsPin, typeof(SSLException), false,
            "No certificate in the server's chain matches a pinned key.",
            "Update the pin if the key was rotated on purpose; otherwise do not connect."),
        new(TlsClientCertificateRequired, typeof(SSLException), false,
            "The server requires a client certificate that it accepts.",
            "Set a client certificate (ClientCertificate, --cert and --key)."),
        new(TlsProtocol, typeof(SSLException), false,
            "The two sides share no TLS version or cipher, or the peer does not speak TLS.",
            "Check that the port speaks TLS 1.2 or later."),
        new(TlsClosedEarly, typeof(SSLException), true,
            "The peer closed the connection during the TLS handshake.",
            "Check that the port speaks TLS; the server's log may say why."),
        new(HttpMalformed, typeof(HTTPException), false,
            "The server's answer breaks the HTTP protocol.",
            "The message says how; tell the server's operator."),
        new(HttpTruncated, typeof(HTTPException), true,
            "The body ended before its declared length or its final chunk.",
            "Try again; the connection broke in mid-transfer."),
        new(HttpTooLarge, typeof(HTTPException), false,
            "The answer is larger than a limit allows.",
            "Raise the limit that the message names, or stream the body."),
        new(HttpDecode, typeof(HTTPException), false,
            "The body's content coding or its JSON could not be decoded.",
            "Check the Content-Encoding and Content-Type that the server sends."),
        new(HttpTooManyRedirects, typeof(HTTPException), false,
            "The redirects loop, or are more than allowed.",
            "Look at each, without following; allow more if they are right (RedirectOptions.Limit, --max-redirects)."),
        new(HttpRedirectRefused, typeof(HTTPException), false,
            "A redirect leads where the client will not follow.",
            "The message says why; follow it by hand if you trust it."),
        new(HttpStatus, typeof(HTTPException), false,
            "The status is one that the caller treats as failure.",
            "The status and the body's beginning are in the exception."),
        new(HttpVersionUnavailable, typeof(HTTPException), false,
            "The HTTP version asked for cannot be spoken here.",
            "The message says why; ask for another version (HttpVersionChoice)."),
        new(HttpAuthentication, typeof(HTTPException), false,
            "A credential could not be obtained, applied or confirmed.",
            "The message says which; check the credential, and the endpoint that issues it."),
        new(HttpStreamTruncated, typeof(StreamTruncatedException), true,
            "A stream ended without its terminal event.",
            "Resume from the last identifier, or ask again."),
        new(TransferMismatch, typeof(NetworkException), false,
            "A transferred file has another size or hash than it must have.",
            "Do not use it; compare the expected hash with the source's own."),
        new(TransferChanged, typeof(NetworkException), true,
            "The remote file changed again and again while it was fetched.",
            "Wait until whoever writes it is done."),
        new(HttpPages, typeof(HTTPException), false,
            "The pages of a list lead in a circle, to another origin, or beyond the limit.",
            "Raise the limit (PageOptions.Limit), allow other origins, or give the way to the next page yourself."),
        new(HttpOperationFailed, typeof(HTTPException), false,
            "An operation that a service went on with after it had answered has failed there.",
            "The state and what the service says are in the message; start it again once the cause is gone."),
        new(RateLimited, typeof(RateLimitException), true,
            "The server, or a limiter, asks for a longer wait than allowed.",
            "Wait as long as the message says, or allow longer waits (RetryOptions.RetryAfterCap)."),
        new(RateQueueFull, typeof(RateLimitException), true,
            "Too many callers wait for the same host already.",
            "Send less at a time, or allow more (HostLimitOptions.QueueLength, HostLimitOptions.Concurrency)."),
        new(RateCircuitOpen, typeof(RateLimitException), true,
            "The circuit breaker of the host is open: it failed too often of late.",
            "Wait as long as the message says; the host's own errors came before this one."),
        new(RateStoreUnavailable, typeof(RateLimitException), true,
            "The store of the limits that processes share cannot be reached.",
            "Check the store, or let calls pass without it (fail-open)."),
        new(BudgetRequests, typeof(NetworkException), false,
            "The budget's requests are spent.",
            "Give the task a larger budget (NetworkBudget), or end it."),
        new(BudgetConnections, typeof(NetworkException), false,
            "The budget's connections are spent.",
            "Give the task a larger budget (NetworkBudget), or end it."),
        new(BudgetBytes, typeof(NetworkException), false,
            "The budget's bytes are spent.",
            "Give the task a larger budget (NetworkBudget), or end it."),
        new(BudgetTime, typeof(NetworkException), false,
            "The budget's time is spent.",
            "Give the task a larger budget (NetworkBudget), or end it."),
        new(BudgetHosts, typeof(NetworkException), false,
            "The budget's hosts are spent.",
            "Allow the task more hosts, or end it."),
        new(ProxyRefused, typeof(ProxyException), true,
            "The proxy could not be reached, or would not connect to the target.",
            "Check the proxy's address and its rules for the target."),
        new(ProxyAuthentication, typeof(ProxyException), false,
            "The proxy wants other credentials.",
            "Set the proxy's user and password."),
        new(ProxyProtocol, typeof(ProxyException), false,
            "The proxy's answer breaks its protocol.",
            "Check the proxy's kind (http, https, socks4a, socks5) and port."),
        new(ProxyExhausted, typeof(ProxyException), true,
            "Every proxy of the pool cools down or is retired.",
            "Wait a while, or name more proxies; how each does can be looked at (ProxyPool.GetStatus)."),
        new(WsHandshake, typeof(WebSocketException), false,
            "The server refused the WebSocket handshake.",
            "The status and the body's beginning say why."),
        new(WsProtocol, typeof(WebSocketException), false,
            "The peer broke the WebSocket protocol.",
            "Tell the server's operator."),
        new(WsTooLarge, typeof(WebSocketException), false,
            "A message or frame is larger than a limit allows.",
            "Raise the limit, or receive the message as a stream."),
        new(WsClosedAbnormally, typeof(WebSocketException), true,
            "The connection closed without a proper close.",
            "Reconnect; the close code and reason are in the message."),
        new(WsClosed, typeof(WebSocketException), false,
            "The WebSocket is closed: nothing can be sent any more.",
            "Connect again, or have that done (WebSocketOptions.Reconnect, --reconnect)."),
        new(WsQueueFull, typeof(WebSocketException), true,
            "The send queue of the WebSocket is full.",
            "Send less, allow a longer queue, or let senders wait (SendQueueOptions)."),
        .. Callers,
        .. Ssh,
        new(PolicyDenied, typeof(PolicyException), false,
            "The egress policy denied the target.",
            "Allow it in the policy if it is meant to be reached."),
        new(PolicyRobots, typeof(PolicyException), false,
            "The site's robots.txt asks programs not to fetch it.",
            "Ask the site's owner, or leave it."),
    ];

    private static readonly Dictionary<string, ErrorCodeInfo> ByCode = All.ToDictionary(info => info.Code, StringComparer.Ordinal);

    /// <summary>What a code means, or null where it is not one of ours.</summary>
    /// <param name="code">The code.</param>
    public static ErrorCodeInfo? Find(string code) => ByCode.GetValueOrDefault(code);

    /// <summary>The part before the dot, which decides the exception type.</summary>
    internal static string Prefix(string code)
    {
        var dot = code.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? code : code[..dot];
    }
}
