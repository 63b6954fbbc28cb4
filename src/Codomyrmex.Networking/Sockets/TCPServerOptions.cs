using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Sockets;

/// <summary>Where a <see cref="TCPServer"/> listens, whom it lets in and how it speaks. Immutable.</summary>
public sealed record TCPServerOptions
{
    /// <summary>
    /// Where it listens: IP addresses and ports (port 0: any free one), paths of Unix-domain sockets (<see cref="UnixDomainSocketEndPoint"/>). Empty for
    /// a server that only serves streams (<see cref="TCPServer.Serve"/>). The default value is any free port of 127.0.0.1.
    /// </summary>
    public IReadOnlyList<EndPoint> EndPoints { get; init; } = [new IPEndPoint(IPAddress.Loopback, 0)];

    /// <summary>Whether <c>[::]</c> takes IPv4 too (RFC 3493, section 5.3). The default value is true.</summary>
    public bool DualStack { get; init; } = true;

    /// <summary>Where a frame ends. The default value is <see cref="Framing.Raw"/>: bytes as they come.</summary>
    public Framing Framing { get; init; } = Framing.Raw;

    /// <summary>What peers are granted.</summary>
    public TCPServerLimits Limits { get; init; } = TCPServerLimits.Default;

    /// <summary>TLS from the first byte on (or the first after a PROXY header). The default value is null: none.</summary>
    public TlsServerOptions? Tls { get; init; }

    /// <summary>
    /// The only networks whose connections are taken; empty takes all. Peers over Unix-domain sockets have no address and are always taken. The default value
    /// is empty.
    /// </summary>
    public IReadOnlyList<IPNetwork> Allow { get; init; } = [];

    /// <summary>Networks whose connections are not taken; beats <see cref="Allow"/>. The default value is empty.</summary>
    public IReadOnlyList<IPNetwork> Deny { get; init; } = [];

    /// <summary>
    /// The proxies, such as HAProxy, that say in a PROXY header (versions 1 and 2) for whom they connect; one without the header is turned away.
    /// From everybody else the header is data like any other. The addresses it names pass <see cref="Allow"/>, <see cref="Deny"/> and the limits in place
    /// of the proxy's. The default value is empty.
    /// </summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Whether small writes are sent at once (TCP_NODELAY). The default value is true.</summary>
    public bool NoDelay { get; init; } = true;

    /// <summary>Idle time before TCP keep-alive probes, 1 to 32,767 seconds; null sends none. The default value is 60 seconds.</summary>
    public TimeSpan? KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long sent data may stay unacknowledged, or a peer's window shut, before the connection fails (TCP_USER_TIMEOUT, RFC 5482; Linux). The default value is null: the
    /// system's, about 15 minutes.
    /// </summary>
    public TimeSpan? UserTimeout { get; init; }

    /// <summary>The size of the sockets' receive buffers in bytes (SO_RCVBUF). The default value is null: the system's.</summary>
    public int? ReceiveBufferSize { get; init; }

    /// <summary>The size of the sockets' send buffers in bytes (SO_SNDBUF). The default value is null: the system's.</summary>
    public int? SendBufferSize { get; init; }

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where connections that failed are logged. The default value is null: nowhere.</summary>
    public ILogger? Logger { get; init; }

    internal SocketTuning Tuning => new(NoDelay, KeepAlive, UserTimeout, ReceiveBufferSize, SendBufferSize);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Framing);
        if (EndPoints.Any(static endPoint => endPoint is not (IPEndPoint or UnixDomainSocketEndPoint)))
            throw new ArgumentException("TCPServerOptions.EndPoints: a server listens on IP addresses and Unix-domain sockets.", nameof(EndPoints));
        Tuning.Validate(nameof(TCPServerOptions));
        Limits.Validate();
        Tls?.Validate();
    }
}
