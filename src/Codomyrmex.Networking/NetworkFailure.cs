namespace Codomyrmex.Networking;

/// <summary>What is known about a failure: the facts that every <see cref="NetworkException"/> carries. Immutable.</summary>
public sealed record NetworkFailure
{
    /// <summary>The stable code, one of <see cref="ErrorCodes"/>. It decides the exception type.</summary>
    public required string Code { get; init; }

    /// <summary>What happened, to whom. Secrets are masked when the exception is made.</summary>
    public required string Message { get; init; }

    /// <summary>What to try next. By default the code's own hint.</summary>
    public string? Hint { get; init; }

    /// <summary>The phase it happened in.</summary>
    public NetworkPhase Phase { get; init; }

    /// <summary>The endpoint as the caller named it, where there is one.</summary>
    public Endpoint? Endpoint { get; init; }

    /// <summary>Every address or request tried, in order, with its time and outcome. Empty by default.</summary>
    public IReadOnlyList<Attempt> Attempts { get; init; } = [];

    /// <summary>Time from the start of the operation to the failure.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Whether the same call may well succeed later. By default the code's own answer.</summary>
    public bool? IsTransient { get; init; }

    /// <summary>Whether the peer can have seen the request. <see cref="WasSent.Never"/> by default.</summary>
    public WasSent WasSent { get; init; }

    /// <summary>How long the peer or a limiter asks to wait, where known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The peer's identifier of the request, where it gave one.</summary>
    public string? RequestId { get; init; }

    /// <summary>
    /// Where on the way to the peer it broke: the names of the layers from what was asked for down to the one that failed, such as <c>http web:80</c>, <c>ssh ada@jump:22</c>,
    /// <c>socks5 127.0.0.1:1080</c>. Empty by default, and where the way was made.
    /// </summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>Whether the proxy on the way failed, and not what it was to reach.</summary>
    internal bool BlamesProxy { get; init; }

    /// <summary>Whether a proxy says that the target refused the connection.</summary>
    internal bool TargetRefused { get; init; }

    /// <summary>Makes the exception whose type belongs to <see cref="Code"/>.</summary>
    /// <param name="inner">The cause.</param>
    public NetworkException ToException(Exception? inner = null) => ErrorCodes.Prefix(Code) switch
    {
        "tcp" or "udp" => new ConnectionException(this, inner),
        "local" => Code is ErrorCodes.LocalIo or ErrorCodes.LocalExists ? new NetworkException(this, inner) : new ConnectionException(this, inner),
        "dns" => new DNSResolutionException(this, inner),
        "timeout" => new NetworkTimeoutException(this, inner),
        "tls" => new SSLException(this, inner),
        "http" => Code == ErrorCodes.HttpStreamTruncated ? new StreamTruncatedException(this, inner) : new HTTPException(this, inner),
        "rate" => new RateLimitException(this, inner),
        "proxy" => new ProxyException(this, inner),
        "ws" => new WebSocketException(this, inner),
        "model" => new ModelException(this, inner),
        "rpc" => new RpcException(this, inner),
        "ssh" => new SSHException(this, inner),
        "sftp" => new SftpException(this, inner),
        "policy" => new PolicyException(this, inner),
        _ => new NetworkException(this, inner),
    };
}
