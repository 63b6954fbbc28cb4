using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Sockets;

/// <summary>How a <see cref="UDPClient"/> sends and what it receives. Immutable.</summary>
public sealed record UDPClientOptions
{
    // The most that the length fields of UDP and IPv6 let through.
    private const int MostBytes = 65_527;

    /// <summary>The defaults.</summary>
    public static UDPClientOptions Default { get; } = new();

    /// <summary>The longest datagram that is received whole, in bytes; of a longer one the end is lost, and it says so. The default value is 65,527: every one.</summary>
    public int MaxDatagramBytes { get; init; } = MostBytes;

    /// <summary>
    /// Egress policy, names, the local address of a connected client, buffer sizes. What it says of streams (TLS, keep-alive) does not apply; a proxy or a stream of
    /// your own is refused, as no datagram could pass it.
    /// </summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>
    /// How long each step may take: <see cref="Timeouts.Resolve"/>; <see cref="Timeouts.FirstByte"/> the wait of a connected client for a datagram (a bound one waits without
    /// end); <see cref="Timeouts.Total"/> a request with all its repetitions.
    /// </summary>
    public Timeouts Timeouts { get; init; } = Timeouts.Default;

    /// <summary>How requests are repeated.</summary>
    public UDPRequestOptions Request { get; init; } = UDPRequestOptions.Default;

    /// <summary>Requests under way at a time; more wait for their turn. The default value is 1,024.</summary>
    public int MaxRequests { get; init; } = 1024;

    /// <summary>Whether <c>[::]</c> takes IPv4 too (RFC 3493, section 5.3). The default value is true.</summary>
    public bool DualStack { get; init; } = true;

    /// <summary>Whether others may be bound to the same port, as members of one group on one machine have to (SO_REUSEADDR). The default value is false.</summary>
    public bool ReuseAddress { get; init; }

    /// <summary>Whether datagrams may go to broadcast addresses, and so to a whole network. The default value is false: the system refuses them.</summary>
    public bool AllowBroadcast { get; init; }

    /// <summary>How it sends to groups.</summary>
    public MulticastOptions Multicast { get; init; } = MulticastOptions.Default;

    /// <summary>How many routers pass a datagram on, 1 to 255. The default value is null: the system's.</summary>
    public int? TimeToLive { get; init; }

    /// <summary>
    /// Whether a datagram that is too large for a part of its way fails (<c>udp.too_large</c>) and is not cut up (RFC 8085, section 3.2). The default value is false.
    /// </summary>
    public bool DontFragment { get; init; }

    /// <summary>
    /// Whether the kernel may hand on several datagrams of a sender as one (UDP_GRO, Linux), to be taken apart here. For high rates; the receive buffers of batches
    /// must then have 65,535 bytes. The default value is false.
    /// </summary>
    public bool CoalesceReceived { get; init; }

    /// <summary>Whether each datagram says by which interface and address it came in; costs an allocation each. The default value is false.</summary>
    public bool ReportsInterface { get; init; }

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where connecting and requests are logged. The default value is null: nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxDatagramBytes, "UDPClientOptions.MaxDatagramBytes");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDatagramBytes, MostBytes, "UDPClientOptions.MaxDatagramBytes");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRequests, "UDPClientOptions.MaxRequests");
        ArgumentOutOfRangeException.ThrowIfLessThan(TimeToLive ?? 1, 1, "UDPClientOptions.TimeToLive");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TimeToLive ?? 1, 255, "UDPClientOptions.TimeToLive");
        Transport.Validate();
        Timeouts.Validate();
        Request.Validate();
        Multicast.Validate();
        if (Transport.Proxy is not null || Transport.Proxies is not null || Transport.DialOver is not null || Transport.UnixSocketPath is not null)
            throw new ArgumentException("UDPClientOptions.Transport: datagrams pass no proxy, stream or Unix-domain socket, and going round one unasked would not be what was wanted.", nameof(Transport));
        if (CoalesceReceived && ReportsInterface)
            throw new ArgumentException("UDPClientOptions.CoalesceReceived and UDPClientOptions.ReportsInterface exclude each other.", nameof(CoalesceReceived));
    }
}
