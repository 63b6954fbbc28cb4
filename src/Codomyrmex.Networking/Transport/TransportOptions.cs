using System.Net;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Transport;

/// <summary>
/// How connections are made, for every protocol alike: egress policy, names, addresses, proxy, TLS, socket settings. Immutable.
/// Connections are shared only between equal values, so a laxer setting can never lend its connection to a stricter one.
/// </summary>
public sealed record TransportOptions
{
    /// <summary>The defaults.</summary>
    public static TransportOptions Default { get; } = new();

    /// <summary>Where connections may go. The default value is <see cref="EgressPolicy.Unrestricted"/>.</summary>
    public EgressPolicy Policy { get; init; } = EgressPolicy.Unrestricted;

    /// <summary>How names become addresses.</summary>
    public ResolverOptions Resolver { get; init; } = ResolverOptions.Default;

    /// <summary>TLS settings.</summary>
    public TlsOptions Tls { get; init; } = TlsOptions.Default;

    /// <summary>The proxy. The default value is null: none; environment variables are never read unasked.</summary>
    public ProxyOptions? Proxy { get; init; }

    /// <summary>Several proxies in place of one, which take turns. The default value is null: none.</summary>
    public ProxyPool? Proxies { get; init; }

    /// <summary>The pool's limits.</summary>
    public PoolOptions Pool { get; init; } = PoolOptions.Default;

    /// <summary>The local address to connect from. The default value is null: the system chooses.</summary>
    public IPAddress? BindAddress { get; init; }

    /// <summary>
    /// The path of a Unix-domain socket to use instead of TCP. Asked for by name only, so the egress policy does not apply to it.
    /// The default value is null.
    /// </summary>
    public string? UnixSocketPath { get; init; }

    /// <summary>
    /// Opens the raw stream to an endpoint in place of a socket: a tunnel, another client's channel, an in-memory pipe.
    /// The egress policy still checks the endpoint: where it restricts addresses, a name is resolved here and the stream is asked for an address that was checked, unless a rule allows the name
    /// itself, whatever it leads to, and none denies addresses. The default value is null.
    /// </summary>
    public Func<Endpoint, CancellationToken, ValueTask<Stream>>? DialOver { get; init; }

    /// <summary>
    /// What everything that connects this way may cost together, of whatever protocol: each connection counts, each byte that arrives, and the time, also of connections that stand. The default
    /// value is null: no limit.
    /// </summary>
    public NetworkBudget? Budget { get; init; }

    /// <summary>Delay before the next address is tried beside the one under way (RFC 8305, section 5). The default value is 250 ms.</summary>
    public TimeSpan ConnectionAttemptDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether small writes are sent at once (TCP_NODELAY). The default value is true.</summary>
    public bool NoDelay { get; init; } = true;

    /// <summary>Idle time before TCP keep-alive probes, 1 to 32,767 seconds; null sends none. The default value is 60 seconds.</summary>
    public TimeSpan? KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long sent data may stay unacknowledged, or a peer's window shut, before the connection fails (TCP_USER_TIMEOUT, RFC 5482; Linux). The default value is null: the
    /// system's, about 15 minutes.
    /// </summary>
    public TimeSpan? UserTimeout { get; init; }

    /// <summary>The size of the socket's receive buffer in bytes (SO_RCVBUF). The default value is null: the system chooses and adapts it.</summary>
    public int? ReceiveBufferSize { get; init; }

    /// <summary>The size of the socket's send buffer in bytes (SO_SNDBUF). The default value is null: the system chooses and adapts it.</summary>
    public int? SendBufferSize { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Policy);
        Resolver.Validate();
        Tls.Validate();
        Pool.Validate();
        Proxy?.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectionAttemptDelay, TimeSpan.FromMilliseconds(10), "TransportOptions.ConnectionAttemptDelay");
        SocketTuning.Of(this).Validate(nameof(TransportOptions));
        if (UnixSocketPath is { Length: 0 })
            throw new ArgumentException("TransportOptions.UnixSocketPath is empty.", nameof(UnixSocketPath));
        if (UnixSocketPath is not null && (Proxy is not null || Proxies is not null))
            throw new ArgumentException("TransportOptions.UnixSocketPath and TransportOptions.Proxy or Proxies exclude each other.", nameof(UnixSocketPath));
        if (Proxies is not null && Proxy is not null)
            throw new ArgumentException("TransportOptions.Proxies and TransportOptions.Proxy exclude each other.", nameof(Proxies));
    }
}
