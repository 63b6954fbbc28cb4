using System.Net;

namespace Codomyrmex.Networking.Testing;

/// <summary>How a <see cref="LoopbackServer"/> listens and what it puts up with.</summary>
public sealed record LoopbackServerOptions
{
    /// <summary>The loopback address. The default value is 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port. The default value is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>The path of a Unix-domain socket to listen on instead of TCP; deleted at the end. The default value is null.</summary>
    public string? UnixSocketPath { get; init; }

    /// <summary>TLS; null speaks plain HTTP. The default value is null.</summary>
    public LoopbackTlsOptions? Tls { get; init; }

    /// <summary>The longest request line in bytes; beyond it the answer is 414. The default value is 8,192.</summary>
    public int MaxRequestLineBytes { get; init; } = 8192;

    /// <summary>The largest request head in bytes; beyond it the answer is 431. The default value is 32,768.</summary>
    public int MaxHeadBytes { get; init; } = 32768;

    /// <summary>The largest number of header fields; beyond it the answer is 431. The default value is 100.</summary>
    public int MaxHeaderFields { get; init; } = 100;

    /// <summary>How many of the latest requests <see cref="LoopbackServer.Requests"/> keeps; 0 keeps none. The default value is 1,000.</summary>
    public int RecordedRequests { get; init; } = 1000;

    /// <summary>The seed of the dice for faults that happen by chance; the order of requests decides what they show. The default value is 0.</summary>
    public int FaultSeed { get; init; }

    /// <summary>The clock of delays and dates. The default value is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
