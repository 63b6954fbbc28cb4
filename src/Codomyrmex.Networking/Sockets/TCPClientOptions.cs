using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Sockets;

/// <summary>How a <see cref="TCPClient"/> connects and what it expects of its peer. Immutable.</summary>
public sealed record TCPClientOptions
{
    /// <summary>The defaults.</summary>
    public static TCPClientOptions Default { get; } = new();

    /// <summary>Where a frame ends. The default value is <see cref="Framing.Raw"/>: bytes as they come.</summary>
    public Framing Framing { get; init; } = Framing.Raw;

    /// <summary>The largest payload of a frame that is received, in bytes. The default value is 1 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 1024 * 1024;

    /// <summary>Whether TLS is spoken from the beginning. The default value is false; whom to trust is in <see cref="TransportOptions.Tls"/>.</summary>
    public bool UseTls { get; init; }

    /// <summary>The application protocols to offer (ALPN, RFC 7301), in order of preference. The default value is empty: none.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = [];

    /// <summary>How connections are made: egress policy, names, proxy, TLS, socket settings.</summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>
    /// How long each step may take. <see cref="Timeouts.FirstByte"/> is the wait for the first byte of a frame, <see cref="Timeouts.Idle"/> that between two bytes
    /// of one and for the peer to take what is sent, <see cref="Timeouts.Total"/> that for a connection with its retries, and for a whole frame.
    /// A receive that waits for what may come at any time wants <see cref="Timeout.InfiniteTimeSpan"/> in the first and the last.
    /// </summary>
    public Timeouts Timeouts { get; init; } = Timeouts.Default;

    /// <summary>How often and when a connection is tried again. The default value is two retries with growing delays.</summary>
    public RetryOptions Retry { get; init; } = RetryOptions.Default;

    /// <summary>
    /// Whether a call that finds the connection ended or broken makes a new one. The call that it breaks under fails in any case. The default value is true.
    /// </summary>
    public bool Reconnect { get; init; } = true;

    /// <summary>
    /// Called with each new connection before it is used: a greeting, a login, subscriptions. What it throws of ours counts as a failure to connect.
    /// The default value is null.
    /// </summary>
    public Func<TCPConnection, CancellationToken, ValueTask>? Connected { get; init; }

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where connections are logged. The default value is null: nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Framing);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxFrameBytes, "TCPClientOptions.MaxFrameBytes");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxFrameBytes, 1 << 30, "TCPClientOptions.MaxFrameBytes");
        Transport.Validate();
        Timeouts.Validate();
        Retry.Validate();
        if (Protocols.Any(static protocol => protocol.Length is 0 or > 255))
            throw new ArgumentException("TCPClientOptions.Protocols: a name has 1 to 255 bytes.", nameof(Protocols));
    }
}
